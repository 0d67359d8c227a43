import { MapPlan } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import { sides } from '../contracts/names.ts';
import { Dataset } from '../contracts/records.ts';
import type { PlanMapRequest } from '../contracts/requests.ts';
import { MapSpec } from '../contracts/spec.ts';
import { identityOf } from '../digest.ts';
import { FanfareError } from '../errors.ts';
import { writeShardList } from './job.ts';
import { findObject, readObject, writeFirst } from './objects.ts';
import type { Ports } from './ports.ts';

/** Says which function maps which partition. The same code over the same rows is one dataset, and is not mapped again. */
export async function planMap(request: PlanMapRequest, { store, now }: Ports): Promise<object> {
  const spec = await readObject(store, keys.spec(request.spec), MapSpec);
  const from = await findObject(store, keys.datasetManifest(spec.dataset), Dataset);
  if (from === undefined) throw new FanfareError('MissingInput', `there is no dataset ${spec.dataset} here`);
  const { committedAt: _, ...rows } = from;
  const dataset = await identityOf(spec.name, { rows, map: spec.map });
  const job = keys.dataset(dataset);
  const planned = { ...request, job, dataset, shards: keys.shardList(job) };
  if (await store.head(keys.datasetManifest(dataset))) return { ...planned, next: 'commit' };
  const shards = sides.flatMap((side) => from.partitions[side].map((partition) => ({ side, partition })));
  const plan = await writeFirst(
    store,
    keys.plan(job),
    { kind: 'map', dataset, from: spec.dataset, map: spec.map, shards, plannedAt: now() },
    MapPlan,
  );
  await writeShardList(store, job, plan.shards.length);
  return { ...planned, next: 'shards' };
}
