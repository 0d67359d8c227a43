import { DatasetPlan, SplitReceipt } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import { type Side, sides } from '../contracts/names.ts';
import { Dataset } from '../contracts/records.ts';
import type { CommitSplitRequest } from '../contracts/requests.ts';
import { Spec } from '../contracts/spec.ts';
import { FanfareError } from '../errors.ts';
import { encodeJson, type ObjectStore } from '../store.ts';
import type { Field } from '../tables/batch.ts';
import { emptyProfile, mergeProfiles, type Profile } from '../tables/profile.ts';
import { partsOf, type SplitPart } from '../tables/split-parts.ts';
import { ShardProfiles } from './dataset-shard.ts';
import { describeDataset } from './describe-dataset.ts';
import { agreedFields, allReceipts } from './job.ts';
import { findObject, readObject, writeFirst } from './objects.ts';
import type { Ports } from './ports.ts';
import { requireColumns } from './require-columns.ts';

/**
 * Once every shard is written: merges their profiles, and makes the dataset visible by its manifest. One that lacks a
 * column of the specification is there all the same: it is the specification that is wrong.
 */
export async function commitSplit(request: CommitSplitRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const plan = await readObject(store, keys.plan(request.job), DatasetPlan);
  const key = keys.datasetManifest(plan.dataset);
  const dataset = (await findObject(store, key, Dataset)) ?? (await commit(request, plan, ports));
  const answer = { dataset: dataset.dataset, rows: dataset.rows };
  if (plan.kind === 'map') return answer;
  const spec = await readObject(store, keys.spec(request.spec), Spec);
  requireColumns(spec, dataset.fields);
  return { ...answer, described: await describeDataset(spec, dataset, store) };
}

async function commit(
  request: CommitSplitRequest,
  plan: DatasetPlan,
  { store, now }: Ports,
): Promise<Dataset> {
  const { job } = request;
  const receipts = await allReceipts(store, request, plan.shards.length, SplitReceipt);
  const fields = agreedFields(receipts);
  const of = (side: Side) => receipts.flatMap(({ partitions }) => partitions[side]);
  const partitions = { train: of('train'), validation: of('validation'), test: of('test') };
  const rows = {
    train: sum(partitions.train),
    validation: sum(partitions.validation),
    test: sum(partitions.test),
  };
  const origin = await originOf(plan, partitions, store);
  const profile = await mergedProfile(store, job, receipts, fields);
  await store.put(keys.profile(plan.dataset), encodeJson(profile), { kind: 'absent' });
  const manifest: Dataset = {
    ...origin,
    dataset: plan.dataset,
    fields,
    rows,
    partitions,
    committedAt: now(),
  };
  return writeFirst(store, keys.datasetManifest(plan.dataset), manifest, Dataset);
}

const sum = (partitions: readonly { readonly rows: number }[]): number =>
  partitions.reduce((total, { rows }) => total + rows, 0);

type Origin = Pick<Dataset, 'table' | 'sources' | 'seed' | 'folds' | 'features' | 'mapped'>;

/** Where a dataset comes from. `BadTable` where too little came of it. */
async function originOf(
  plan: DatasetPlan,
  partitions: Dataset['partitions'],
  store: ObjectStore,
): Promise<Origin> {
  if (plan.kind === 'map') {
    const key = keys.datasetManifest(plan.from);
    const { table, sources, seed, folds, features } = await readObject(store, key, Dataset);
    if (sides.some((side) => sum(partitions[side]) > 0))
      return { table, sources, seed, folds, features, mapped: { from: plan.from, by: plan.map } };
    throw new FanfareError('BadTable', `of ${plan.from} no row was left: the map dropped them all`);
  }
  const spec = await readObject(store, keys.spec(plan.spec), Spec);
  requireEnough(spec, partitions);
  const sources = new Map(
    plan.shards.map(({ source: { name, size, etag } }) => [name, { name, size, etag }]),
  );
  const { by, folds, seed, features } = spec.split;
  return {
    table: spec.table.path,
    sources: [...sources.values()],
    seed,
    folds: folds === undefined ? null : { count: folds, ordered: by === 'time' },
    features: features ?? null,
    mapped: null,
  };
}

/** `BadTable` where a side or a fold that trials need came out empty. */
function requireEnough({ table, split, columns }: Spec, partitions: Dataset['partitions']): void {
  const needed = partsOf(split).filter(({ side }) => side !== 'test');
  const rowsIn = ({ side, fold }: SplitPart) =>
    sum(partitions[side].filter((partition) => partition.fold === fold));
  if (needed.every((part) => rowsIn(part) > 0)) return;
  const kept = split.by === 'time' ? columns.time : (columns.group ?? columns.id);
  const told =
    split.folds === undefined
      ? `${sum(partitions.train)} fell to train, ${sum(partitions.validation)} to validation, ${sum(partitions.test)} to test`
      : `of ${split.folds} folds ${needed.map((part) => `${part.fold} has ${rowsIn(part)} rows`).join(', ')}`;
  throw new FanfareError(
    'BadTable',
    `${table.path} has too few ${kept === undefined ? 'rows' : `values of ${kept}`} to be split: ${told}`,
  );
}

const profilesAtOnce = 8;

async function mergedProfile(
  store: ObjectStore,
  job: string,
  receipts: readonly SplitReceipt[],
  fields: readonly Field[],
): Promise<Record<string, Profile>> {
  const none = emptyProfile({ fields });
  const merged: Record<Side, Profile> = { train: none, validation: none, test: none };
  // A profile of many columns has megabytes: a few are in memory, whatever the number of shards.
  for (let at = 0; at < receipts.length; at += profilesAtOnce) {
    const some = receipts.slice(at, at + profilesAtOnce);
    const profiles = some.map(({ shard }) => readObject(store, keys.shardProfile(job, shard), ShardProfiles));
    for (const profile of await Promise.all(profiles)) {
      for (const side of sides) merged[side] = mergeProfiles(merged[side], profile[side] ?? none);
    }
  }
  return merged;
}
