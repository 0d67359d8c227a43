import { Described } from '../contracts/described.ts';
import { keys } from '../contracts/keys.ts';
import type { Dataset, Partition } from '../contracts/records.ts';
import type { Spec } from '../contracts/spec.ts';
import { digestOf } from '../digest.ts';
import { FanfareError } from '../errors.ts';
import { decodeJson, type ObjectStore } from '../store.ts';
import { decodeArrow } from '../tables/arrow-decode.ts';
import type { Batch } from '../tables/batch.ts';
import { concatBatches } from '../tables/join.ts';
import type { Profile } from '../tables/profile.ts';
import { describe, evenRows, sampleRows } from '../training/describe.ts';
import { readPartition } from './job.ts';
import { writeFirst } from './objects.ts';

const mostPartitions = 8;

/** Says of the training side's columns what they are to the specification. Gives the key of what it said. */
export async function describeDataset(spec: Spec, dataset: Dataset, store: ObjectStore): Promise<string> {
  const { target, columns, inputs } = spec;
  const digest = await digestOf({ target, columns, inputs });
  const key = keys.described(dataset.dataset, digest.slice(0, 12));
  if (await store.head(key)) return key;
  const profile = await trainProfile(dataset, store);
  const sample = await sampleOf(dataset.partitions.train, store);
  await writeFirst(
    store,
    key,
    describe(profile, sample, { target, columns, ...(inputs && { inputs }) }),
    Described,
  );
  return key;
}

/** What the training side holds. */
export async function trainProfile({ dataset }: Dataset, store: ObjectStore): Promise<Profile> {
  const object = await store.get(keys.profile(dataset));
  if (object) return (decodeJson(object.body) as { readonly train: Profile }).train;
  throw new FanfareError('MissingInput', `dataset ${dataset} has no profile (${keys.profile(dataset)})`);
}

/** Rows of a few partitions, evenly over all of them. */
async function sampleOf(partitions: readonly Partition[], store: ObjectStore): Promise<Batch[]> {
  const count = Math.min(mostPartitions, partitions.length);
  const chosen = Array.from(
    { length: count },
    (_, at) => partitions[Math.floor((at * partitions.length) / count)]!,
  );
  const sample: Batch[] = [];
  for (const partition of chosen) {
    const rows = concatBatches(decodeArrow(await readPartition(store, partition)));
    sample.push(evenRows(rows, Math.ceil(sampleRows / count)));
  }
  return sample;
}
