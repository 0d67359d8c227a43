import { SplitPlan } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import { Dataset } from '../contracts/records.ts';
import type { PlanSplitRequest } from '../contracts/requests.ts';
import { Spec } from '../contracts/spec.ts';
import { identityOf } from '../digest.ts';
import { FanfareError } from '../errors.ts';
import { unknownName } from '../nearest.ts';
import type { Field } from '../tables/batch.ts';
import { requireSpace } from '../trainables/require-space.ts';
import { writeShardList } from './job.ts';
import { findObject, readObject, writeFirst } from './objects.ts';
import { planTable } from './plan-table.ts';
import type { Ports } from './ports.ts';

/** Looks at the table and says which function is to read which part of it. A dataset that is committed is not planned again. */
export async function planSplit(request: PlanSplitRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const spec = await readObject(store, keys.spec(request.spec), Spec);
  requireSpace(spec);
  const sources = await ports.open(spec.table.path);
  const files = sources.map(({ name, size, etag }) => ({ name, size, etag }));
  const { path: _, ...table } = spec.table;
  const dataset = await identityOf(spec.name, { files, table, split: spec.split });
  const job = keys.dataset(dataset);
  const planned = { job, dataset, execution: request.execution, shards: keys.shardList(job) };
  const committed = await findObject(store, keys.datasetManifest(dataset), Dataset);
  if (committed) {
    requireColumns(spec, committed.fields);
    return { ...planned, next: 'commit' };
  }

  const { schema, shards } = await planTable(spec.table, sources);
  requireColumns(spec, schema.fields);
  const plan = await writeFirst(
    store,
    keys.plan(job),
    { dataset, spec: request.spec, schema, shards, plannedAt: ports.now() },
    SplitPlan,
  );
  await writeShardList(store, job, plan.shards.length);
  return { ...planned, next: 'shards' };
}

/** Every mistake in the columns that a specification names, before any work is done. */
function requireColumns(spec: Spec, fields: readonly Field[]): void {
  const known = fields.map((field) => field.name);
  const named: readonly (readonly [string, string])[] = [
    ['target', spec.target.column],
    ...(spec.split.key === undefined ? [] : [['split.key', spec.split.key] as const]),
    ...(spec.inputs ?? []).map((name) => ['inputs', name] as const),
    ...(spec.predict.table ? [] : (spec.predict.keep ?? []).map((name) => ['predict.keep', name] as const)),
  ];
  const wrong = named
    .filter(([, name]) => !known.includes(name))
    .map(([where, name]) => unknownName(`${where}: ${spec.table.path} has no column`, name, known));
  if (wrong.length > 0) throw new FanfareError('MissingInput', wrong.join('\n'));
}
