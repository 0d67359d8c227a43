import { keys } from '../contracts/keys.ts';
import { PassPlan } from '../contracts/pass.ts';
import type { ShardRequest } from '../contracts/requests.ts';
import { FanfareError } from '../errors.ts';
import { trainableOf } from '../trainables/registered.ts';
import { readObject } from './objects.ts';
import { readSealed } from './passes.ts';
import type { Ports } from './ports.ts';
import { seal } from './seal.ts';
import { passingTable } from './training-table.ts';

/** What one part of the training side comes to in a pass. One that was gathered, or is in the sum already, is left as it is. */
export async function gather({ job, shard }: ShardRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const key = keys.passPart(job, shard);
  if ((await readSealed(store, keys.passMerged(job))) ?? (await readSealed(store, key))) return {};
  const plan = await readObject(store, keys.plan(job), PassPlan);
  const request = await store.get(keys.passRequest(job));
  const part = plan.parts[shard];
  if (request === undefined || part === undefined)
    throw new FanfareError('MissingInput', `there is no part ${shard} of the pass ${job}`);
  const { pass } = await trainableOf(plan.trainable, ports);
  if (pass === undefined) throw new FanfareError('InvalidSpec', `${plan.trainable} makes no passes`);
  const table = passingTable(store, plan, { train: part, validation: [] });
  const bytes = await seal(await pass.gather(request.body, table));
  const there = await store.head(key);
  // What was altered is written over; else the first stays.
  await store.put(key, bytes, there ? { kind: 'match', etag: there.etag } : { kind: 'absent' });
  return {};
}
