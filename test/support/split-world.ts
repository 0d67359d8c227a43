import { keys } from '../../core/contracts/keys.ts';
import { Dataset, type Partition } from '../../core/contracts/records.ts';
import { readPartition } from '../../core/steps/job.ts';
import { readObject } from '../../core/steps/objects.ts';
import type { ByteSource, ObjectStore } from '../../core/store.ts';
import { decodeArrow } from '../../core/tables/arrow-decode.ts';
import { memoryStore } from './memory-store.ts';
import { putSpec, specOf, splitAll, stepPorts } from './step-world.ts';
import { rowsOf, type Value } from './tables.ts';

export interface SplitTable {
  readonly store: ObjectStore;
  readonly dataset: Dataset;
  /** The rows of each side and, of a training side in folds, of each fold (`fold 0`): as they were read, in the dataset's order. */
  readonly parts: Readonly<Record<string, readonly (readonly Value[])[]>>;
}

/** Splits one file by the real steps, in so many shards. */
export async function splitTable(
  file: ByteSource,
  change: Readonly<Record<string, unknown>>,
  shards: number,
): Promise<SplitTable> {
  const store = memoryStore();
  const ports = stepPorts(store, { table: [file] });
  const spec = await putSpec(store, specOf({ table: { path: 'table', shards }, ...change }));
  const { dataset: id } = await splitAll(spec, ports);
  const dataset = await readObject(store, keys.datasetManifest(id), Dataset);
  const parts: Record<string, Value[][]> = {};
  for (const [side, partitions] of Object.entries(dataset.partitions)) {
    for (const partition of partitions) {
      const part = partition.fold === undefined ? side : `fold ${partition.fold}`;
      parts[part] = [...(parts[part] ?? []), ...(await rowsIn(store, partition))];
    }
  }
  return { store, dataset, parts };
}

const rowsIn = async (store: ObjectStore, partition: Partition): Promise<Value[][]> =>
  decodeArrow(await readPartition(store, partition)).flatMap(rowsOf);

/** How many rows each part has. */
export const countsOf = ({ parts }: SplitTable): Record<string, number> =>
  Object.fromEntries(Object.entries(parts).map(([part, rows]) => [part, rows.length]));
