import { openMapping } from '../code/mapping.ts';
import { SplitPlan, SplitReceipt } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import type { ShardRequest } from '../contracts/requests.ts';
import { Spec } from '../contracts/spec.ts';
import type { Columns } from '../contracts/split-spec.ts';
import { FanfareError } from '../errors.ts';
import { columnOf, tableOf } from '../tables/batch.ts';
import { readShard } from '../tables/read.ts';
import type { ShardBatch, TableShard } from '../tables/shard.ts';
import { drawsOf, type Identity } from '../tables/sides.ts';
import { placesWhere, takeRows } from '../tables/slice.ts';
import { endsOf, partsOf, placesAmong } from '../tables/split-parts.ts';
import { ShardWriter, shardDone } from './dataset-shard.ts';
import { findObject, readObject } from './objects.ts';
import { openShard } from './open-shard.ts';
import type { Ports } from './ports.ts';

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
  const ends = endsOf(parts);

  for await (const read of readShard(source, part, plan.schema, ports)) {
    requireAll(read, part);
    const draws = drawsOf(identityOf(read, part.source.name, spec.columns), spec.split.seed);
    const places = placesAmong(draws, ends);
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

function identityOf({ batch, rowIds }: ShardBatch, object: string, { group, id }: Columns): Identity {
  const key = group ?? id;
  if (key === undefined) return { kind: 'place', object, rowIds };
  return { kind: 'key', key: columnOf(batch, key)!, object, rowIds };
}

/** A table that models are made from is read whole or not at all: a row that is left out in silence would be a lie. */
function requireAll({ rejected }: ShardBatch, { kind, source }: TableShard): void {
  const [bad] = rejected;
  if (bad === undefined) return;
  const where = bad.column === '' ? '' : `column ${bad.column}: `;
  throw new FanfareError(
    'BadTable',
    `${source.uri}, row at ${kind === 'bytes' ? 'byte ' : ''}${bad.row}: ${where}${bad.reason}; it begins ${JSON.stringify(bad.raw.slice(0, 80))}`,
  );
}
