import { openMapping } from '../code/mapping.ts';
import { MapPlan, SplitReceipt } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import type { ShardRequest } from '../contracts/requests.ts';
import { decodeArrow } from '../tables/arrow-decode.ts';
import { tableOf } from '../tables/batch.ts';
import { ShardWriter, shardDone } from './dataset-shard.ts';
import { readPartition } from './job.ts';
import { findObject, readObject } from './objects.ts';
import type { Ports } from './ports.ts';

/** Writes what the user's code makes of one partition to the same side of the new dataset, with a profile of it. */
export async function mapShard({ job, shard }: ShardRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const before = await findObject(store, keys.receipt(job, shard), SplitReceipt);
  if (before) return shardDone(before);
  const plan = await readObject(store, keys.plan(job), MapPlan);
  const { side, partition } = plan.shards[shard]!;
  const context = { stage: 'map', dataset: plan.from, shard } as const;
  const map = await openMapping({ reference: plan.map, context, keepsRows: false }, ports.loadCode);
  const writer = new ShardWriter(store, job, shard);
  for (const batch of decodeArrow(await readPartition(store, partition))) {
    await writer.add({ side, fold: partition.fold }, tableOf(await map(batch, side), 'the mapping'));
  }
  return shardDone(await writer.finish());
}
