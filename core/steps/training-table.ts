import { keys } from '../contracts/keys.ts';
import type { Dataset } from '../contracts/records.ts';
import type { Study } from '../contracts/study.ts';
import { digestOf } from '../digest.ts';
import type { ObjectStore } from '../store.ts';
import { decodeArrow } from '../tables/arrow-decode.ts';
import type { Cache, TrainingTable } from '../training/trainable.ts';
import { readPartition } from './job.ts';

/** What decides what a trainable sees of a dataset. */
export type Learns = Pick<Study, 'trainable' | 'inputs' | 'target' | 'task' | 'weight'>;

/** A dataset as a trainable sees it. */
export function trainingTable(
  store: ObjectStore,
  dataset: Dataset,
  { inputs, target, task, weight }: Learns,
): TrainingTable {
  return {
    fields: dataset.fields,
    inputs,
    target,
    task,
    ...(weight !== null && { weight }),
    async *batches(side) {
      for (const partition of dataset.partitions[side]) {
        yield* decodeArrow(await readPartition(store, partition));
      }
    },
  };
}

/** Where a trainable keeps what all studies of the same columns of a dataset share. */
export async function trainingCache(store: ObjectStore, dataset: Dataset, learns: Learns): Promise<Cache> {
  const digest = (await learnsDigest(learns)).slice(0, 12);
  const prefix = `${keys.dataset(dataset.dataset)}bins/${learns.trainable}-${digest}/`;
  return {
    read: async (name) => (await store.get(prefix + name))?.body,
    write: async (name, bytes) => {
      await store.put(prefix + name, bytes);
    },
  };
}

/** The same for all studies that see the same of a dataset. */
export const learnsDigest = ({ trainable, inputs, target, task, weight }: Learns): Promise<string> =>
  digestOf({ trainable, inputs, target, task, weight });
