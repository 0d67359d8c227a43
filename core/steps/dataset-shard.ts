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

interface SideRows {
  /** What is not written yet. */
  batches: Batch[];
  readonly partitions: Partition[];
  profile: Profile | null;
}

/** What a function answers of a shard that is done, now or before. */
export const shardDone = ({ shard, partitions }: SplitReceipt): object => ({
  shard,
  rows: Object.values(partitions)
    .flat()
    .reduce((sum, { rows }) => sum + rows, 0),
});

/**
 * What one shard adds to a dataset. Rows are written as soon as they come to a piece, a partition a side, so that memory
 * does not grow with the shard; where pieces end depends on the rows alone.
 */
export class ShardWriter {
  readonly #store: ObjectStore;
  readonly #job: string;
  readonly #shard: number;
  readonly #held: HeldBytes;
  readonly #sides: Readonly<Record<Side, SideRows>>;
  #fields: readonly Field[] | null = null;

  constructor(store: ObjectStore, job: string, shard: number, held = new HeldBytes()) {
    this.#store = store;
    this.#job = job;
    this.#shard = shard;
    this.#held = held;
    const none = (): SideRows => ({ batches: [], partitions: [], profile: null });
    this.#sides = { train: none(), validation: none(), test: none() };
  }

  async add(side: Side, batch: Batch): Promise<void> {
    if (batch.rows === 0) return;
    const into = this.#sides[side];
    const profile = profileOf(batch);
    into.batches.push(batch);
    into.profile = into.profile === null ? profile : mergeProfiles(into.profile, profile);
    this.#fields ??= batch.fields;
    if (this.#held.add(batch)) await this.#writePieces();
  }

  /** Writes what is left and the profile and, last, the receipt, which it gives. */
  async finish(): Promise<SplitReceipt> {
    await this.#writePieces();
    const { train, validation, test } = this.#sides;
    const profiles: ShardProfiles = {
      train: train.profile,
      validation: validation.profile,
      test: test.profile,
    };
    await this.#store.put(keys.shardProfile(this.#job, this.#shard), encodeJson(profiles), {
      kind: 'absent',
    });
    const receipt: SplitReceipt = {
      shard: this.#shard,
      fields: this.#fields,
      partitions: {
        train: train.partitions,
        validation: validation.partitions,
        test: test.partitions,
      },
    };
    await this.#store.put(keys.receipt(this.#job, this.#shard), encodeJson(receipt), { kind: 'absent' });
    return receipt;
  }

  async #writePieces(): Promise<void> {
    for (const side of sides) {
      const { batches, partitions } = this.#sides[side];
      if (batches.length === 0) continue;
      const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
      const key = `${this.#job}${side}/${pieceName(this.#shard, partitions.length)}.arrow`;
      partitions.push(await writePartition(this.#store, key, encodeArrow(batches), rows));
      this.#sides[side].batches = [];
    }
    this.#held.clear();
  }
}

/** `00007`, `00007-1`, `00007-2` … */
export const pieceName = (shard: number, piece: number): string =>
  piece === 0 ? padded(shard) : `${padded(shard)}-${piece}`;
