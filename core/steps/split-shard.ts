import { SplitPlan, SplitReceipt } from '../contracts/job.ts';
import { keys, padded } from '../contracts/keys.ts';
import { type Side, sides } from '../contracts/names.ts';
import type { ShardRequest } from '../contracts/requests.ts';
import { Spec } from '../contracts/spec.ts';
import { FanfareError } from '../errors.ts';
import { encodeJson } from '../store.ts';
import { encodeArrow } from '../tables/arrow-encode.ts';
import { type Batch, columnOf } from '../tables/batch.ts';
import { emptyProfile, mergeProfiles, type Profile, profileOf } from '../tables/profile.ts';
import { readShard } from '../tables/read.ts';
import type { Schema, ShardBatch } from '../tables/shard.ts';
import { assignSides, type Identity } from '../tables/sides.ts';
import { placesWhere, takeRows } from '../tables/slice.ts';
import { writePartition } from './job.ts';
import { findObject, readObject } from './objects.ts';
import { openShard } from './open-shard.ts';
import type { Ports } from './ports.ts';

/** Writes the rows of one shard to their sides, with a profile of each. */
export async function splitShard({ job, shard }: ShardRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  if (await findObject(store, keys.receipt(job, shard), SplitReceipt)) return { shard };
  const plan = await readObject(store, keys.plan(job), SplitPlan);
  const spec = await readObject(store, keys.spec(plan.spec), Spec);
  const part = plan.shards[shard]!;
  const source = await openShard(part, spec.table.path, ports);
  const halves = { train: half(plan.schema), validation: half(plan.schema), test: half(plan.schema) };

  for await (const read of readShard(source, part, plan.schema, { decompressors: ports.decompressors })) {
    requireAll(read, part.source.uri);
    const side = assignSides(identityOf(read, part.source.name, spec.split.key), spec.split, spec.split.seed);
    for (const [index, name] of sides.entries()) {
      const batch = takeRows(
        read.batch,
        placesWhere(side, (value) => value === index),
      );
      if (batch.rows > 0) add(halves[name], batch);
    }
  }

  const write = async (side: Side) => {
    const { batches, rows } = halves[side];
    const key = `${job}${side}/${padded(shard)}.arrow`;
    return rows === 0 ? null : writePartition(store, key, encodeArrow(batches), rows);
  };
  const partitions = {
    train: await write('train'),
    validation: await write('validation'),
    test: await write('test'),
  };
  const profiles = {
    train: halves.train.profile,
    validation: halves.validation.profile,
    test: halves.test.profile,
  };
  await store.put(keys.shardProfile(job, shard), encodeJson(profiles), { kind: 'absent' });
  const receipt: SplitReceipt = { shard, partitions };
  await store.put(keys.receipt(job, shard), encodeJson(receipt), { kind: 'absent' });
  return { shard };
}

function identityOf({ batch, rowIds }: ShardBatch, object: string, key: string | undefined): Identity {
  if (key === undefined) return { kind: 'place', object, rowIds };
  return { kind: 'key', key: columnOf(batch, key)!, object, rowIds };
}

interface Half {
  readonly batches: Batch[];
  rows: number;
  profile: Profile;
}

const half = (schema: Schema): Half => ({ batches: [], rows: 0, profile: emptyProfile(schema) });

function add(half: Half, batch: Batch): void {
  half.batches.push(batch);
  half.rows += batch.rows;
  half.profile = mergeProfiles(half.profile, profileOf(batch));
}

/** A table that models are made from is read whole or not at all: a row that is left out in silence would be a lie. */
function requireAll({ rejected }: ShardBatch, uri: string): void {
  const [bad] = rejected;
  if (bad === undefined) return;
  const where = bad.column === '' ? '' : `column ${bad.column}: `;
  throw new FanfareError(
    'BadTable',
    `${uri}, row at ${bad.row}: ${where}${bad.reason}; it reads ${bad.raw.slice(0, 200)}`,
  );
}
