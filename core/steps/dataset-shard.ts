import * as z from 'zod';
import type { SplitReceipt } from '../contracts/job.ts';
import { keys, padded } from '../contracts/keys.ts';
import { type Side, sides } from '../contracts/names.ts';
import type { Partition } from '../contracts/records.ts';
import { encodeJson, type ObjectStore } from '../store.ts';
import { encodeArrow } from '../tables/arrow-encode.ts';
import type { Batch, Field } from '../tables/batch.ts';
import { mergeProfiles, type Profile, profileOf } from '../tables/profile.ts';
import { HeldBytes } from './held-bytes.ts';
import { writePartition } from './job.ts';

/** `profiles/<shard>.json`; null where no row fell: what columns there would be is not known then. */
export const ShardProfiles = z.custom<Readonly<Record<Side, Profile | null>>>(
  (value) => typeof value === 'object' && value !== null,
);
export type ShardProfiles = z.infer<typeof ShardProfiles>;

/** Where rows go: a side or, of a training side that is cut into folds, a fold of it. */
interface Place {
  readonly side: Side;
  readonly fold?: number | undefined;
}

interface PartRows extends Place {
  /** What is not written yet. */
  batches: Batch[];
  readonly partitions: Partition[];
}

/** What a function answers of a shard that is done, now or before. */
export const shardDone = ({ shard, partitions }: SplitReceipt): object => ({
  shard,
  rows: Object.values(partitions)
    .flat()
    .reduce((sum, { rows }) => sum + rows, 0),
});

/**
 * What one shard adds to a dataset. Rows are written as soon as they come to a piece, a partition a side and fold, so that
 * memory does not grow with the shard; where pieces end depends on the rows alone.
 */
export class ShardWriter {
  readonly #store: ObjectStore;
  readonly #job: string;
  readonly #shard: number;
  readonly #held: HeldBytes;
  readonly #parts: PartRows[] = [];
  readonly #profiles: Record<Side, Profile | null> = { train: null, validation: null, test: null };
  #fields: readonly Field[] | null = null;

  constructor(store: ObjectStore, job: string, shard: number, held = new HeldBytes()) {
    this.#store = store;
    this.#job = job;
    this.#shard = shard;
    this.#held = held;
  }

  async add(place: Place, batch: Batch): Promise<void> {
    if (batch.rows === 0) return;
    this.#partOf(place).batches.push(batch);
    const before = this.#profiles[place.side];
    const profile = profileOf(batch);
    this.#profiles[place.side] = before === null ? profile : mergeProfiles(before, profile);
    this.#fields ??= batch.fields;
    if (this.#held.add(batch)) await this.#writePieces();
  }

  /** Writes what is left and the profile and, last, the receipt, which it gives. */
  async finish(): Promise<SplitReceipt> {
    await this.#writePieces();
    await this.#store.put(keys.shardProfile(this.#job, this.#shard), encodeJson(this.#profiles), {
      kind: 'absent',
    });
    const of = (side: Side) =>
      this.#parts.filter((part) => part.side === side).flatMap(({ partitions }) => partitions);
    const receipt: SplitReceipt = {
      shard: this.#shard,
      fields: this.#fields,
      partitions: { train: of('train'), validation: of('validation'), test: of('test') },
    };
    await this.#store.put(keys.receipt(this.#job, this.#shard), encodeJson(receipt), { kind: 'absent' });
    return receipt;
  }

  /** In the order of the sides and folds, whichever came first. */
  #partOf({ side, fold }: Place): PartRows {
    const found = this.#parts.find((part) => part.side === side && part.fold === fold);
    if (found) return found;
    const part: PartRows = { side, fold, batches: [], partitions: [] };
    this.#parts.push(part);
    this.#parts.sort(
      (a, b) => sides.indexOf(a.side) - sides.indexOf(b.side) || (a.fold ?? -1) - (b.fold ?? -1),
    );
    return part;
  }

  async #writePieces(): Promise<void> {
    for (const part of this.#parts) {
      const { side, fold, batches, partitions } = part;
      if (batches.length === 0) continue;
      const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
      const folder = `${this.#job}${side}/${fold === undefined ? '' : `fold-${fold}/`}`;
      const key = `${folder}${pieceName(this.#shard, partitions.length)}.arrow`;
      const written = await writePartition(this.#store, key, encodeArrow(batches), rows);
      partitions.push({ ...written, ...(fold !== undefined && { fold }) });
      part.batches = [];
    }
    this.#held.clear();
  }
}

/** `00007`, `00007-1`, `00007-2` … */
export const pieceName = (shard: number, piece: number): string =>
  piece === 0 ? padded(shard) : `${padded(shard)}-${piece}`;
