import type { PredictedRows, PredictionPlan, Reject } from '../contracts/job.ts';
import type { Part, Partition } from '../contracts/records.ts';
import { ScoreCounter } from '../metrics/score-counter.ts';
import { encodeScoreCounts } from '../metrics/score-counts.ts';
import type { ObjectStore } from '../store.ts';
import type { Batch } from '../tables/batch.ts';
import { encodeTable } from '../tables/write.ts';
import { pieceName } from './dataset-shard.ts';
import { HeldBytes } from './held-bytes.ts';
import { writePartition } from './job.ts';

/** The commit holds a few files of rejects at once, in a small function. */
const mostLines = 4 * 2 ** 20;

/** Which piece of which shard of which job. */
export interface PieceOf {
  readonly job: string;
  readonly shard: number;
  readonly piece: number;
  readonly format: PredictionPlan['format'];
}

/**
 * What one piece of a shard adds to a prediction. Predicted rows are held until it is full, rejected ones written as they
 * come to a file, so that memory does not grow with the shard.
 */
export class PredictionWriter {
  readonly #store: ObjectStore;
  readonly #of: PieceOf;
  readonly #held: HeldBytes;
  readonly #batches: Batch[] = [];
  /** Where the first of the rows came from. */
  #from: Part['from'] | undefined;
  readonly #rejects: Partition[] = [];
  /** Of the rejects that are not written yet. */
  #lines: string[] = [];
  #lineBytes = 0;
  readonly #scores = new ScoreCounter();
  #scored = 0;

  constructor(store: ObjectStore, of: PieceOf, held = new HeldBytes()) {
    this.#store = store;
    this.#of = of;
    this.#held = held;
  }

  /** Whether it is time to write. */
  get full(): boolean {
    return this.#held.full;
  }

  /** `from`: where the first row came from. */
  add(batch: Batch, from: Part['from']): void {
    this.#from ??= from;
    this.#batches.push(batch);
    this.#held.add(batch);
  }

  /** The scores of `rows` rows; those without a label do not count. */
  score(scores: Float32Array, labels: Uint8Array, rows: number): void {
    this.#scores.add(scores, labels);
    this.#scored += rows;
  }

  /** In the order of their numbers. */
  async reject(rows: readonly Reject[]): Promise<void> {
    for (const row of rows) {
      const line = `${JSON.stringify(row)}\n`;
      this.#lines.push(line);
      this.#lineBytes += line.length;
      if (this.#lineBytes >= mostLines) await this.#writeRejects();
    }
  }

  /** Writes what there is, and tells where. Of so many rows that were read. */
  async write(rows: number): Promise<PredictedRows> {
    const part = await this.#writePart();
    await this.#writeRejects();
    return {
      rows,
      predicted: part?.rows ?? 0,
      rejected: this.#rejects.reduce((sum, file) => sum + file.rows, 0),
      fields: this.#batches[0]?.fields ?? null,
      parts: part ? [part] : [],
      rejects: this.#rejects,
      scores: await this.#writeScores(),
    };
  }

  async #writePart(): Promise<Part | undefined> {
    if (this.#from === undefined) return undefined;
    const { format } = this.#of;
    const rows = this.#batches.reduce((sum, batch) => sum + batch.rows, 0);
    const bytes = encodeTable(format, this.#batches);
    return { ...(await this.#write(`part-${this.#name}.${format}`, bytes, rows)), from: this.#from };
  }

  async #writeRejects(): Promise<void> {
    const lines = this.#lines;
    if (lines.length === 0) return;
    const file = this.#rejects.length;
    const key = `unnumbered/${this.#name}${file === 0 ? '' : `.${file}`}.ndjson`;
    this.#rejects.push(await this.#write(key, new TextEncoder().encode(lines.join('')), lines.length));
    this.#lines = [];
    this.#lineBytes = 0;
  }

  async #writeScores(): Promise<Partition[]> {
    if (this.#scored === 0) return [];
    const bytes = encodeScoreCounts(this.#scores.counts());
    return [await this.#write(`scores/${this.#name}.bin`, bytes, this.#scored)];
  }

  get #name(): string {
    return pieceName(this.#of.shard, this.#of.piece);
  }

  #write(name: string, bytes: Uint8Array, rows: number): Promise<Partition> {
    return writePartition(this.#store, this.#of.job + name, bytes, rows);
  }
}
