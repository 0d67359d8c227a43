import * as z from 'zod';
import { SplitPlan, SplitReceipt } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import { type Side, sides } from '../contracts/names.ts';
import { Dataset } from '../contracts/records.ts';
import type { CommitRequest } from '../contracts/requests.ts';
import { Spec } from '../contracts/spec.ts';
import { FanfareError } from '../errors.ts';
import { encodeJson, type ObjectStore } from '../store.ts';
import { mergeProfiles, type Profile } from '../tables/profile.ts';
import { allReceipts } from './job.ts';
import { findObject, readObject, writeFirst } from './objects.ts';
import type { Ports } from './ports.ts';

/** Once every shard is written: merges their profiles, and makes the dataset visible by its manifest. */
export async function commitSplit(request: CommitRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const { job } = request;
  const plan = await readObject(store, keys.plan(job), SplitPlan);
  const key = keys.datasetManifest(plan.dataset);
  const dataset = (await findObject(store, key, Dataset)) ?? (await commit());
  return { dataset: dataset.dataset, rows: dataset.rows };

  async function commit(): Promise<Dataset> {
    const spec = await readObject(store, keys.spec(plan.spec), Spec);
    const receipts = await allReceipts(store, request, plan.shards.length, SplitReceipt);
    const of = (side: Side) => receipts.flatMap(({ partitions }) => partitions[side] ?? []);
    const partitions = { train: of('train'), validation: of('validation'), test: of('test') };
    const rows = {
      train: sum(partitions.train),
      validation: sum(partitions.validation),
      test: sum(partitions.test),
    };
    if (rows.train === 0 || rows.validation === 0) {
      throw new FanfareError(
        'BadTable',
        `${spec.table.path} has too few ${spec.split.key ? `values of ${spec.split.key}` : 'rows'} to be split: ${rows.train} fell to train, ${rows.validation} to validation, ${rows.test} to test`,
      );
    }
    await store.put(keys.profile(plan.dataset), encodeJson(await mergedProfile(store, job, receipts)), {
      kind: 'absent',
    });
    const sources = new Map(
      plan.shards.map(({ source: { name, size, etag } }) => [name, { name, size, etag }]),
    );
    const manifest: Dataset = {
      dataset: plan.dataset,
      table: spec.table.path,
      sources: [...sources.values()],
      fields: plan.schema.fields,
      seed: spec.split.seed,
      rows,
      partitions,
      committedAt: ports.now(),
    };
    return writeFirst(store, key, manifest, Dataset);
  }
}

const sum = (partitions: readonly { readonly rows: number }[]): number =>
  partitions.reduce((total, { rows }) => total + rows, 0);

const Profiles = z.custom<Readonly<Record<Side, Profile>>>(
  (value) => typeof value === 'object' && value !== null,
);

async function mergedProfile(store: ObjectStore, job: string, receipts: readonly SplitReceipt[]) {
  const shards = await Promise.all(
    receipts.map(({ shard }) => readObject(store, keys.shardProfile(job, shard), Profiles)),
  );
  return Object.fromEntries(
    sides.map((side) => [side, shards.map((shard) => shard[side]).reduce(mergeProfiles)]),
  );
}
