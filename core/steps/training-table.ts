import { keys } from '../contracts/keys.ts';
import type { Study } from '../contracts/study.ts';
import { digestOf } from '../digest.ts';
import { decodeJson, encodeJson, type ObjectStore } from '../store.ts';
import { decodeArrow } from '../tables/arrow-decode.ts';
import type { Cache, Trainable, TrainedOn, TrainingTable } from '../training/trainable.ts';
import { readPartition } from './job.ts';
import type { ModelData } from './model-data.ts';

/** What decides what a trainable sees of a dataset. */
export type Learns = Pick<Study, 'trainable' | 'inputs' | 'target' | 'task' | 'weight'>;

/** A dataset as a trainable sees it. */
export function trainingTable(
  store: ObjectStore,
  data: ModelData,
  { inputs, target, task, weight }: Learns,
): TrainingTable {
  return {
    fields: data.fields,
    inputs,
    target,
    task,
    ...(weight !== null && { weight }),
    partitions: (side) => data.partitions[side],
    async *batches(side) {
      for (const partition of data.partitions[side]) {
        yield* decodeArrow(await readPartition(store, partition));
      }
    },
    async gathered(pass, request) {
      return pass.gather(request, this);
    },
  };
}

/** Where a trainable keeps what all studies of the same rows and columns share. */
export async function trainingCache(
  store: ObjectStore,
  { dataset, folder }: ModelData,
  learns: Learns,
): Promise<Cache> {
  const digest = (await learnsDigest(learns)).slice(0, 12);
  const prefix = `${keys.dataset(dataset)}bins/${learns.trainable}-${digest}/${folder}`;
  return {
    read: async (name) => (await store.get(prefix + name))?.body,
    write: async (name, bytes) => {
      await store.put(prefix + name, bytes);
    },
  };
}

const preparedName = 'prepared.json';

/**
 * Prepares what trials on these rows will read. A fold is prepared by the first trial that comes to it, and so by as many
 * invocations as there are folds; what two prepare at the same time is the same.
 */
export async function prepareOnce(
  trainable: Trainable,
  learns: Learns,
  data: ModelData,
  store: ObjectStore,
): Promise<TrainedOn | null> {
  const cache = await trainingCache(store, data, learns);
  const before = data.folder === '' ? undefined : await cache.read(preparedName);
  if (before) return decodeJson(before) as TrainedOn | null;
  const trainedOn = (await trainable.prepare(trainingTable(store, data, learns), cache)) ?? null;
  if (data.folder !== '') await cache.write(preparedName, encodeJson(trainedOn));
  return trainedOn;
}

/** The same for all studies that see the same of a dataset. */
export const learnsDigest = ({ trainable, inputs, target, task, weight }: Learns): Promise<string> =>
  digestOf({ trainable, inputs, target, task, weight });
