import type { PredictedRows, PredictionPlan, Reject } from '../contracts/job.ts';
import type { Part, Partition } from '../contracts/records.ts';
import type { ShardSketch } from '../drift/shard-sketch.ts';
import { encodeTally } from '../metrics/encode-tally.ts';
import { Tallier } from '../metrics/tally.ts';
import { encodeJson, type ObjectStore } from '../store.ts';
import type { Batch } from '../tables/batch.ts';
import { folderRows, foldersOf } from '../tables/folders.ts';
import { concatBatches } from '../tables/join.ts';
import type { RowNumbers } from '../tables/row-numbers.ts';
import { tableParts } from '../tables/write.ts';
import type { Predicted } from '../training/trainable.ts';
import { pieceName } from './dataset-shard.ts';
import { HeldBytes } from './held-bytes.ts';
import { writePartition } from './job.ts';
import { encodeLines } from './lines.ts';

/** More than the columns of a shard come to by default; all in all a function has them in memory about five times. */
const mostHeld = 40 * 2 ** 20;
/** The commit holds a few files of rejects at once, in a small function. */
const mostLines = 4 * 2 ** 20;

/** So many folders are written at once. */
const atOnce = 16;

/** Which piece of which shard of which job. */
export interface PieceOf {
  readonly job: string;
  readonly shard: number;
  readonly piece: number;
  readonly plan: Pick<PredictionPlan, 'format' | 'partitionBy' | 'input' | 'scored'>;
}

/** Where a batch's rows came from. */
export interface Places {
  readonly file: string;
  readonly rows: RowNumbers;
}

/**
 * What one piece of a shard adds to a prediction. Predicted rows are held until it is full, rejected ones written as they
 * come to a file, so that memory does not grow with the shard.
 */
export class PredictionWriter {
  /** Of the rows that are added; nothing where nobody asks for it. */
  readonly sketch: ShardSketch | undefined;
  readonly #store: ObjectStore;
  readonly #of: PieceOf;
  readonly #held: HeldBytes;
  readonly #batches: Batch[] = [];
  readonly #places: Places[] = [];
  readonly #rejects: Partition[] = [];
  /** Of the rejects that are not written yet. */
  #lines: string[] = [];
  #lineBytes = 0;
  readonly #tallier: Tallier | undefined;
  #scored = 0;

  constructor(store: ObjectStore, of: PieceOf, sketch?: ShardSketch, held = new HeldBytes(mostHeld)) {
    this.#store = store;
    this.#of = of;
    this.sketch = sketch;
    this.#tallier = of.plan.scored ? new Tallier(of.plan.scored.task, true) : undefined;
    this.#held = held;
  }

  /** Whether it is time to write. */
  get full(): boolean {
    return this.#held.full;
  }

  add(batch: Batch, places: Places): void {
    this.#places.push(places);
    this.#batches.push(batch);
    this.#held.add(batch);
  }

  /** Those without a label do not count. */
  score(rows: Predicted): void {
    this.#tallier?.add(rows);
    this.#scored += rows.labels.length;
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
  async write(rows: number): Promise<Omit<PredictedRows, 'work'>> {
    const parts = await this.#writeParts();
    await this.#writeRejects();
    return {
      rows,
      predicted: parts.reduce((sum, part) => sum + part.rows, 0),
      rejected: this.#rejects.reduce((sum, file) => sum + file.rows, 0),
      fields: this.#batches[0]?.fields ?? null,
      parts,
      places: await this.#writePlaces(parts),
      rejects: this.#rejects,
      scores: await this.#writeScores(),
      drift: await this.#writeDrift(),
    };
  }

  async #writeParts(): Promise<Part[]> {
    const first = this.#places[0];
    if (first === undefined) return [];
    const { partitionBy } = this.#of.plan;
    if (partitionBy === null) {
      return [await this.#writePart('', this.#batches, { file: first.file, row: first.rows(0) })];
    }
    const parts: Part[] = [];
    const whole = concatBatches(this.#batches);
    const folders = foldersOf(whole, partitionBy);
    for (let at = 0; at < folders.length; at += atOnce) {
      const some = folders.slice(at, at + atOnce).map(async (folder) => {
        const from = { file: first.file, row: this.#numberOf(folder.rows[0]!) };
        const own = folderRows(whole, partitionBy, folder.rows);
        return { ...(await this.#writePart(`${folder.name}/`, [own], from)), value: folder.value };
      });
      parts.push(...(await Promise.all(some)));
    }
    return parts;
  }

  async #writePart(folder: string, batches: readonly Batch[], from: Part['from']): Promise<Part> {
    const { format } = this.#of.plan;
    const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
    const key = `${folder}part-${this.#name}.${format}`;
    return { ...(await this.#write(key, tableParts(format, batches), rows)), from };
  }

  /** Rows that were rejected once lie anywhere in their files. */
  async #writePlaces(parts: readonly Part[]): Promise<Partition[]> {
    if (this.#of.plan.input.kind !== 'rejects' || parts.length === 0) return [];
    const places = this.#places.flatMap(({ file, rows }, at) =>
      Array.from({ length: this.#batches[at]!.rows }, (_, row) => ({ file, row: rows(row) })),
    );
    return [await this.#write(`places/${this.#name}.ndjson`, encodeLines(places), places.length)];
  }

  /** Of the row at that place among all batches. */
  #numberOf(place: number): number {
    let at = 0;
    let row = place;
    while (row >= this.#batches[at]!.rows) row -= this.#batches[at++]!.rows;
    return this.#places[at]!.rows(row);
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
    if (this.#tallier === undefined || this.#scored === 0) return [];
    const bytes = encodeTally(this.#tallier.done());
    return [await this.#write(`scores/${this.#name}.bin`, bytes, this.#scored)];
  }

  async #writeDrift(): Promise<Partition[]> {
    const drift = this.sketch?.done();
    if (!drift?.rows) return [];
    return [await this.#write(`drift/${this.#name}.json`, encodeJson(drift), drift.rows)];
  }

  get #name(): string {
    return pieceName(this.#of.shard, this.#of.piece);
  }

  #write(name: string, bytes: Uint8Array | readonly Uint8Array[], rows: number): Promise<Partition> {
    return writePartition(this.#store, this.#of.job + name, bytes, rows);
  }
}
