import { SplitPlan } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import type { ShardRequest } from '../contracts/requests.ts';
import { Spec } from '../contracts/spec.ts';
import { encodeArrow } from '../tables/arrow-encode.ts';
import { type Batch, columnOf } from '../tables/batch.ts';
import { readShard } from '../tables/read.ts';
import { type OfObject, rowDraws } from './deal-rows.ts';
import { readObject } from './objects.ts';
import { openShard } from './open-shard.ts';
import type { Ports } from './ports.ts';
import { requireAllRows } from './require-all-rows.ts';

/**
 * Writes what a split by time or by class has to know of each row of a shard before any can be dealt out: eight bytes, or
 * eight and the target.
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
  await store.put(key, encodeArrow(surveyed), { kind: 'absent' });
  return { shard };
}

function surveyOf(spec: Spec, rows: OfObject): Batch {
  const { batch } = rows;
  const name = spec.split.by === 'time' ? spec.columns.time! : spec.target.column;
  const column = columnOf(batch, name)!;
  const known = { name, type: column.type };
  if (spec.split.by === 'time') return { rows: batch.rows, fields: [known], columns: [column] };
  return {
    rows: batch.rows,
    fields: [known, { name: drawColumn, type: 'float' }],
    columns: [column, { type: 'float', values: rowDraws(spec, rows), valid: null }],
  };
}

/** The second column of a survey by class; the first may be called the same. */
const drawColumn = 'draw';
