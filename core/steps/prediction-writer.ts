import type { PredictionPlan, PredictReceipt, Reject } from '../contracts/job.ts';
import { keys, padded } from '../contracts/keys.ts';
import type { Partition } from '../contracts/records.ts';
import { ScoreCounter } from '../metrics/score-counter.ts';
import { encodeScoreCounts } from '../metrics/score-counts.ts';
import { encodeJson, type ObjectStore } from '../store.ts';
import type { Batch, Field } from '../tables/batch.ts';
import { encodeTable } from '../tables/write.ts';
import { pieceName } from './dataset-shard.ts';
import { HeldBytes } from './held-bytes.ts';
import { writePartition } from './job.ts';

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
  readonly #parts: Partition[] = [];
  readonly #rejects: Reject[] = [];
  #batches: Batch[] = [];
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

  async add(batch: Batch): Promise<void> {
    this.#fields ??= batch.fields;
    this.#batches.push(batch);
    if (this.#held.add(batch)) await this.#writePart();
  }

  /** The scores of `rows` rows; those without a label do not count. */
  score(scores: Float32Array, labels: Uint8Array, rows: number): void {
    this.#scores.add(scores, labels);
    this.#scored += rows;
  }

  reject(rows: readonly Reject[]): void {
    for (const row of rows) this.#rejects.push(row);
  }

  /** Writes what is left and, last, the receipt. */
  async finish(rows: number): Promise<void> {
    await this.#writePart();
    const rejects = this.#rejects;
    const name = padded(this.#shard);
    const receipt: PredictReceipt = {
      shard: this.#shard,
      rows,
      predicted: this.#parts.reduce((sum, part) => sum + part.rows, 0),
      rejected: rejects.length,
      fields: this.#fields,
      parts: this.#parts,
      rejects:
        rejects.length === 0
          ? null
          : await this.#write(`rejects/${name}.ndjson`, lines(inOrder(rejects)), rejects.length),
      scores:
        this.#scored === 0
          ? null
          : await this.#write(`scores/${name}.bin`, encodeScoreCounts(this.#scores.counts()), this.#scored),
    };
    await this.#store.put(keys.receipt(this.#job, this.#shard), encodeJson(receipt), { kind: 'absent' });
  }

  async #writePart(): Promise<void> {
    const batches = this.#batches;
    if (batches.length === 0) return;
    const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
    const key = `part-${pieceName(this.#shard, this.#parts.length)}.${this.#format}`;
    this.#parts.push(await this.#write(key, encodeTable(this.#format, batches), rows));
    this.#batches = [];
    this.#held.clear();
  }

  #write(key: string, bytes: Uint8Array, rows: number): Promise<Partition> {
    return writePartition(this.#store, this.#job + key, bytes, rows);
  }
}

const inOrder = (rejects: readonly Reject[]): Reject[] => rejects.toSorted((a, b) => a.row - b.row);

const lines = (rejects: readonly Reject[]): Uint8Array =>
  new TextEncoder().encode(rejects.map((reject) => `${JSON.stringify(reject)}\n`).join(''));
