import { SplitPlan } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import type { PlanSplitRequest } from '../contracts/requests.ts';
import { Spec } from '../contracts/spec.ts';
import { identityOf } from '../digest.ts';
import { FanfareError } from '../errors.ts';
import { openTable } from '../tables/manifest.ts';
import type { TableShard } from '../tables/shard.ts';
import { requireSpace } from '../trainables/require-space.ts';
import { isSurveyed } from './deal-rows.ts';
import { writeShardList } from './job.ts';
import { readObject, writeFirst } from './objects.ts';
import { planTable } from './plan-table.ts';
import type { Ports } from './ports.ts';
import { requireTableColumns } from './require-columns.ts';

/** Looks at the table and says which function is to read which part of it. A dataset that is committed is not planned again. */
export async function planSplit(request: PlanSplitRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const spec = await readObject(store, keys.spec(request.spec), Spec);
  requireSpace(spec);
  const sources = await openTable(spec.table.path, ports.open);
  const files = sources.map(({ name, size, etag }) => ({ name, size, etag }));
  const { path: _, ...table } = spec.table;
  const dataset = await identityOf(spec.name, { files, table, split: spec.split, by: dealtBy(spec) });
  const job = keys.dataset(dataset);
  const planned = { ...request, job, dataset, shards: keys.shardList(job) };
  if (await store.head(keys.datasetManifest(dataset))) return { ...planned, next: 'commit' };

  const { schema, shards } = await planTable(spec.table, sources, ports);
  requireRows(shards, spec.table.path);
  requireTableColumns(spec, schema.fields);
  const plan = await writeFirst(
    store,
    keys.plan(job),
    { kind: 'split', dataset, spec: request.spec, schema, shards, plannedAt: ports.now() },
    SplitPlan,
  );
  await writeShardList(store, job, plan.shards.length);
  return { ...planned, next: isSurveyed(spec) ? 'survey' : 'shards' };
}

/** The columns that a row's side follows from. */
function dealtBy({ split, columns: { id, group, time }, target }: Spec): unknown {
  if (split.by === 'time') return { time };
  return { key: group ?? id, ...(split.by === 'stratified' && { target }) };
}

function requireRows(shards: readonly TableShard[], table: string): void {
  if (shards.length > 0) return;
  throw new FanfareError('BadTable', `The table is empty: there is no row in ${table}.`);
}
