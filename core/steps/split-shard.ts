import { openMapping } from '../code/mapping.ts';
import { Cuts, SplitPlan, SplitReceipt } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import type { ShardRequest } from '../contracts/requests.ts';
import { Spec } from '../contracts/spec.ts';
import { tableOf } from '../tables/batch.ts';
import { readShard } from '../tables/read.ts';
import { placesWhere, takeRows } from '../tables/slice.ts';
import { partsOf } from '../tables/split-parts.ts';
import { ShardWriter, shardDone } from './dataset-shard.ts';
import { dealerOf, isSurveyed } from './deal-rows.ts';
import { findObject, readObject } from './objects.ts';
import { openShard } from './open-shard.ts';
import type { Ports } from './ports.ts';
import { requireAllRows } from './require-all-rows.ts';

/** Writes the rows of one shard to their sides, with a profile of each. */
export async function splitShard({ job, shard }: ShardRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const before = await findObject(store, keys.receipt(job, shard), SplitReceipt);
  if (before) return shardDone(before);
  const plan = await readObject(store, keys.plan(job), SplitPlan);
  const spec = await readObject(store, keys.spec(plan.spec), Spec);
  const part = plan.shards[shard]!;
  const source = await openShard(part, spec.table.path, ports);
  const context = { stage: 'features', dataset: plan.dataset, shard } as const;
  const features = { reference: spec.split.features, context, keepsRows: false };
  const map = await openMapping(features, ports.loadCode);
  const writer = new ShardWriter(store, job, shard);
  const parts = partsOf(spec.split);
  const cuts = isSurveyed(spec) ? await readObject(store, keys.cuts(job), Cuts) : null;
  const deal = dealerOf(spec, cuts);

  for await (const read of readShard(source, part, plan.schema, ports)) {
    requireAllRows(read, part);
    const places = deal({ ...read, object: part.source.name });
    for (const [index, place] of parts.entries()) {
      const batch = takeRows(
        read.batch,
        placesWhere(places, (value) => value === index),
      );
      if (batch.rows > 0) await writer.add(place, tableOf(await map(batch, place.side), 'split.features'));
    }
  }

  return shardDone(await writer.finish());
}
