import type { PredictionPlan, PredictReceipt, Reject } from '../contracts/job.ts';
import { keys, padded } from '../contracts/keys.ts';
import type { Part, Partition } from '../contracts/records.ts';
import { ScoreCounter } from '../metrics/score-counter.ts';
import { encodeScoreCounts } from '../metrics/score-counts.ts';
import { encodeJson, type ObjectStore } from '../store.ts';
import type { Batch, Field } from '../tables/batch.ts';
import { encodeTable } from '../tables/write.ts';
import { pieceName } from './dataset-shard.ts';
import { HeldBytes } from './held-bytes.ts';
import { writePartition } from './job.ts';

/** The commit holds a few pieces of rejects at once, in a small function. */
const mostLines = 4 * 2 ** 20;

/**
 * What one shard adds to a prediction. Predicted rows are written as soon as they come to a part, so that memory does
 * not grow with the shard; where parts end depends on the rows alone.
 */
export class PredictionWriter {
  readonly #store: ObjectStore;
  readonly #job: string;
  readonly #shard: number;
  readonly #format: PredictionPlan['format'];
  readonly #held: HeldBytes;
  readonly #parts: Part[] = [];
  readonly #rejects: Partition[] = [];
  /** Of the rejects that are not written yet. */
  #lines: string[] = [];
  #lineBytes = 0;
  #batches: Batch[] = [];
  /** Where the first of the rows came from that are not written yet. */
  #from: Part['from'] | undefined;
  readonly #scores = new ScoreCounter();
  #scored = 0;
  #fields: readonly Field[] | null = null;

  constructor(
    store: ObjectStore,
    job: string,
    shard: number,
    format: PredictionPlan['format'],
    held = new HeldBytes(),
  ) {
    this.#store = store;
    this.#job = job;
    this.#shard = shard;
    this.#format = format;
    this.#held = held;
  }

  /** `from`: where the first row came from. */
  async add(batch: Batch, from: Part['from']): Promise<void> {
    this.#fields ??= batch.fields;
    this.#from ??= from;
    this.#batches.push(batch);
    if (this.#held.add(batch)) await this.#writePart();
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

  /** Writes what is left and, last, the receipt. */
  async finish(rows: number): Promise<void> {
    await this.#writePart();
    await this.#writeRejects();
    const receipt: PredictReceipt = {
      shard: this.#shard,
      rows,
      predicted: this.#parts.reduce((sum, part) => sum + part.rows, 0),
      rejected: this.#rejects.reduce((sum, part) => sum + part.rows, 0),
      fields: this.#fields,
      parts: this.#parts,
      rejects: this.#rejects,
      scores:
        this.#scored === 0
          ? null
          : await this.#write(
              `scores/${padded(this.#shard)}.bin`,
              encodeScoreCounts(this.#scores.counts()),
              this.#scored,
            ),
    };
    await this.#store.put(keys.receipt(this.#job, this.#shard), encodeJson(receipt), { kind: 'absent' });
  }

  async #writePart(): Promise<void> {
    const batches = this.#batches;
    if (batches.length === 0) return;
    const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
    const key = `part-${pieceName(this.#shard, this.#parts.length)}.${this.#format}`;
    const part = await this.#write(key, encodeTable(this.#format, batches), rows);
    this.#parts.push({ ...part, from: this.#from! });
    this.#batches = [];
    this.#from = undefined;
    this.#held.clear();
  }

  async #writeRejects(): Promise<void> {
    const lines = this.#lines;
    if (lines.length === 0) return;
    const key = `unnumbered/${pieceName(this.#shard, this.#rejects.length)}.ndjson`;
    this.#rejects.push(await this.#write(key, new TextEncoder().encode(lines.join('')), lines.length));
    this.#lines = [];
    this.#lineBytes = 0;
  }

  #write(key: string, bytes: Uint8Array, rows: number): Promise<Partition> {
    return writePartition(this.#store, this.#job + key, bytes, rows);
  }
}
