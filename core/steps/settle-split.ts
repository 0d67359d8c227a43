import { Cuts, SplitPlan } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import type { SettleSplitRequest } from '../contracts/requests.ts';
import { Spec } from '../contracts/spec.ts';
import { FanfareError } from '../errors.ts';
import type { ObjectStore } from '../store.ts';
import { decodeArrow } from '../tables/arrow-decode.ts';
import { orderStatistics } from '../tables/order-statistics.ts';
import { numbersOf } from '../tables/slice.ts';
import { partsOf, ranksOf } from '../tables/split-parts.ts';
import { lostShards } from './job.ts';
import { readObject, writeFirst } from './objects.ts';
import type { Ports } from './ports.ts';
import { type Surveys, settleClasses } from './settle-classes.ts';
import { settleGroups } from './settle-groups.ts';

/** Once every shard is surveyed: says where the table is divided, so that each row's part follows from the row alone. */
export async function settleSplit(request: SettleSplitRequest, ports: Ports): Promise<object> {
  const { store } = ports;
  const { job } = request;
  const plan = await readObject(store, keys.plan(job), SplitPlan);
  const spec = await readObject(store, keys.spec(plan.spec), Spec);
  const read = async function* () {
    for (const shard of plan.shards.keys()) {
      const survey = await store.get(keys.survey(job, shard));
      if (survey === undefined) throw await lostShards(store, request, await surveyedOf(store, job, plan));
      if (survey.size > 0) yield* decodeArrow(survey.body);
    }
  };
  await writeFirst(store, keys.cuts(job), await settle(spec, read), Cuts);
  return { job };
}

function settle(spec: Spec, read: Surveys): Promise<Cuts> {
  switch (spec.split.by) {
    case 'hash':
      return settleGroups(spec, read);
    case 'stratified':
      return settleClasses(spec, read);
    case 'time':
      return settleTimes(spec, read);
  }
}

async function surveyedOf(store: ObjectStore, job: string, { shards }: SplitPlan): Promise<boolean[]> {
  const heads = await Promise.all(Array.from(shards.keys(), (shard) => store.head(keys.survey(job, shard))));
  return heads.map((head) => head !== undefined);
}

/** The earliest come first, and rows of one time are of one part: of the later where they are on the border. */
async function settleTimes(spec: Spec, read: Surveys): Promise<Cuts> {
  const parts = partsOf(spec.split);
  let missing = 0;
  const finite = async function* () {
    missing = 0;
    for await (const { columns } of read()) {
      const all = numbersOf(columns[0]!);
      const values = all.filter((time) => Number.isFinite(time));
      missing += all.length - values.length;
      yield { strata: new Int32Array(values.length), values };
    }
  };
  const { counts, values } = await orderStatistics(finite, 1, (rows) =>
    rows < parts.length ? [] : ranksOf(rows, parts),
  );
  const rows = counts[0]!;
  requireTimes(spec, rows, missing);
  const cuts = values[0]!;
  return { by: 'time', cuts: [...cuts] };
}

function requireTimes({ columns, table }: Spec, rows: number, missing: number): void {
  if (missing === 0) return;
  throw new FanfareError(
    'BadTable',
    `${table.path}: ${missing} of ${rows + missing} rows have no ${columns.time} (columns.time), and a split by time cannot place them; fill them in, leave them out, or write split: { by: hash }`,
  );
}
