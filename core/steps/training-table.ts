import { keys } from '../contracts/keys.ts';
import type { Study } from '../contracts/study.ts';
import { digestOf } from '../digest.ts';
import { decodeJson, encodeJson, type ObjectStore } from '../store.ts';
import { decodeArrow } from '../tables/arrow-decode.ts';
import type { Batch } from '../tables/batch.ts';
import { lendRoom } from '../tables/spares.ts';
import type { Cache, Trainable, TrainedOn, TrainingTable } from '../training/trainable.ts';
import { readPartition } from './job.ts';
import type { ModelData } from './model-data.ts';
import { mergedPass, mostPartBytes, partsOf } from './passes.ts';
import type { Ports } from './ports.ts';

/** What decides what a trainable sees of a dataset. */
export type Learns = Pick<Study, 'trainable' | 'inputs' | 'target' | 'task' | 'weight'>;

type TablePorts = Pick<Ports, 'store' | 'partBytes'>;

/**
 * A dataset as a trainable sees it. A pass over a training side of one part is made at once, and its rows stay in memory for
 * the next, if they are few; a larger one is gathered by a Map.
 */
export function trainingTable(
  { store, partBytes = mostPartBytes }: TablePorts,
  data: ModelData,
  learns: Learns,
): TrainingTable {
  const { train } = data.partitions;
  const parts = partsOf(train, partBytes);
  const all = { ...learns, fields: data.fields };
  const table = tableOfPartitions(store, all, data.partitions);
  const isSmall = train.reduce((sum, { bytes }) => sum + bytes, 0) <= mostWarmBytes;
  const whole = isSmall ? keepingRows(table) : passingTable(store, all, data.partitions);
  return {
    ...table,
    async gathered(pass, request) {
      if (parts.length <= 1) return pass.gather(request, whole);
      const { trainable, inputs, target, task, weight } = learns;
      const plan = { trainable, inputs, target, task, weight, fields: data.fields, parts };
      return mergedPass(store, await cacheFolder(data, learns), plan, pass, request);
    },
  };
}

/** Whether a pass over the training side is gathered by a Map. */
export const isInParts = (
  { partitions }: ModelData,
  { partBytes = mostPartBytes }: Pick<Ports, 'partBytes'>,
): boolean => partsOf(partitions.train, partBytes).length > 1;

/** The rows of some partitions. */
export function tableOfPartitions(
  store: ObjectStore,
  { fields, inputs, target, task, weight }: Omit<Learns, 'trainable'> & Pick<ModelData, 'fields'>,
  partitions: ModelData['partitions'],
): TrainingTable {
  return {
    ...{ fields, inputs, target, task },
    ...(weight !== null && { weight }),
    partitions: (side) => partitions[side],
    async *batches(side) {
      for (const partition of partitions[side]) yield* decodeArrow(await readPartition(store, partition));
    },
    gathered(pass, request) {
      return pass.gather(request, this);
    },
  };
}

/** The same for who holds nothing of a batch beyond the next: a partition is read to where the one before was. */
export function passingTable(...given: Parameters<typeof tableOfPartitions>): TrainingTable {
  const [store, , partitions] = given;
  return {
    ...tableOfPartitions(...given),
    async *batches(side) {
      for (const partition of partitions[side]) {
        const lent = lendRoom();
        try {
          yield* decodeArrow(await readPartition(store, partition, lent.room));
        } finally {
          lent.end();
        }
      }
    },
  };
}

/** A training side of so few bytes stays decoded between the passes of a process. */
const mostWarmBytes = 64 * 2 ** 20;

function keepingRows(table: TrainingTable): TrainingTable {
  let rows: Promise<readonly Batch[]> | undefined;
  const read = async () => {
    const batches: Batch[] = [];
    for await (const batch of table.batches('train')) batches.push(batch);
    return batches;
  };
  return {
    ...table,
    async *batches() {
      rows ??= read();
      yield* await rows;
    },
  };
}

/** Where a trainable keeps what all studies of the same rows and columns share. */
export async function trainingCache(store: ObjectStore, data: ModelData, learns: Learns): Promise<Cache> {
  const prefix = await cacheFolder(data, learns);
  return {
    read: async (name) => (await store.get(prefix + name))?.body,
    write: async (name, bytes) => {
      await store.put(prefix + name, bytes);
    },
  };
}

async function cacheFolder({ dataset, folder }: ModelData, learns: Learns): Promise<string> {
  const digest = (await learnsDigest(learns)).slice(0, 12);
  return `${keys.dataset(dataset)}bins/${learns.trainable}-${digest}/${folder}`;
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
  ports: TablePorts,
): Promise<TrainedOn | null> {
  const cache = await trainingCache(ports.store, data, learns);
  const before = data.folder === '' ? undefined : await cache.read(preparedName);
  if (before) return decodeJson(before) as TrainedOn | null;
  const trainedOn = (await trainable.prepare(trainingTable(ports, data, learns), cache)) ?? null;
  if (data.folder !== '') await cache.write(preparedName, encodeJson(trainedOn));
  return trainedOn;
}

/** The same for all studies that see the same of a dataset. */
export const learnsDigest = ({ trainable, inputs, target, task, weight }: Learns): Promise<string> =>
  digestOf({ trainable, inputs, target, task, weight });
