import { SplitPlan } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import type { ShardRequest } from '../contracts/requests.ts';
import { Spec } from '../contracts/spec.ts';
import { encodeArrow } from '../tables/arrow-encode.ts';
import type { Batch, Column, Field } from '../tables/batch.ts';
import { readShard } from '../tables/read.ts';
import { selectColumns } from '../tables/slice.ts';
import { type OfObject, rowDraws } from './deal-rows.ts';
import { readObject } from './objects.ts';
import { openShard } from './open-shard.ts';
import type { Ports } from './ports.ts';
import { requireAllRows } from './require-all-rows.ts';

/**
 * Writes what a split has to know of each row of a shard before any can be dealt out: by time eight bytes, by class eight
 * and the target, of folds of groups eight a group.
 */
export async function surveyShard({ job, shard }: ShardRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const key = keys.survey(job, shard);
  if (await store.head(key)) return { shard };
  const plan = await readObject(store, keys.plan(job), SplitPlan);
  const spec = await readObject(store, keys.spec(plan.spec), Spec);
  const part = plan.shards[shard]!;
  const source = await openShard(part, spec.table.path, ports);
  const surveyed: Batch[] = [];
  for await (const read of readShard(source, part, plan.schema, ports)) {
    requireAllRows(read, part);
    surveyed.push(surveyOf(spec, { ...read, object: part.source.name }));
  }
  // A shard without a row has no columns to write.
  const bytes = surveyed.length === 0 ? new Uint8Array(0) : encodeArrow(surveyed);
  await store.put(key, bytes, { kind: 'absent' });
  return { shard };
}

function surveyOf(spec: Spec, rows: OfObject): Batch {
  const { batch } = rows;
  switch (spec.split.by) {
    case 'hash': {
      const values = Float64Array.from(new Set(rowDraws(spec, rows)));
      return { rows: values.length, fields: [drawField], columns: [{ type: 'float', values, valid: null }] };
    }
    case 'stratified': {
      const { fields, columns } = selectColumns(batch, [spec.target.column]);
      const draws: Column = { type: 'float', values: rowDraws(spec, rows), valid: null };
      return { rows: batch.rows, fields: [...fields, drawField], columns: [...columns, draws] };
    }
    case 'time':
      return selectColumns(batch, [spec.columns.time!]);
  }
}

/** The last column of a survey by class or group; that before it may be called the same. */
const drawField: Field = { name: 'draw', type: 'float' };
