import { beforeEach, expect, test } from 'vitest';
import { Conclusion } from '../../../core/contracts/conclusion.ts';
import { keys } from '../../../core/contracts/keys.ts';
import { Claim } from '../../../core/contracts/study.ts';
import { readStudy } from '../../../core/search/study-folder.ts';
import { aggregate } from '../../../core/steps/aggregate.ts';
import { concludeStudy } from '../../../core/steps/conclude-study.ts';
import { readAll } from '../../../core/steps/objects.ts';
import type { Ports } from '../../../core/steps/ports.ts';
import { prepareStudy } from '../../../core/steps/prepare-study.ts';
import type { ObjectStore } from '../../../core/store.ts';
import { contentOf } from '../../support/crashing-store.ts';
import { FakeTracker } from '../../support/fake-tracker.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  askAs,
  fileOf,
  flights,
  putSpec,
  refitAsked,
  runLane,
  specOf,
  splitAll,
  stepPorts,
} from '../../support/step-world.ts';

interface Answer {
  readonly next: string;
  readonly study: string;
  readonly trials: Conclusion['trials'];
  readonly best: Conclusion['best'];
}

let store: ObjectStore;
let tracker: FakeTracker;
let runs: number;

beforeEach(() => {
  store = memoryStore();
  tracker = new FakeTracker();
  runs = 0;
});

const ports = () =>
  stepPorts(store, { flights: [fileOf('csv', flights(1500))] }, { tracker, now: () => 1000 * (runs + 1) });

/** What `fanfare tune` does: each time an execution of its own, in processes of its own. `lane`: what one lane does of it. */
async function tune(change: Readonly<Record<string, unknown>>, lane = runLane) {
  const execution = `run-${++runs}`;
  const given = ports();
  const { tune: form } = specOf();
  const spec = await putSpec(store, specOf({ tune: { ...form, sampler: 'random', ...change } }));
  const { dataset } = await splitAll(spec, given);
  const prepared = (await prepareStudy({ spec, dataset, lanes: 1, execution }, given)) as Answer;
  const { study } = prepared;
  if (prepared.next === 'lanes') await lane(study, given, execution);
  const conclude = async () => (await concludeStudy({ study, execution }, given)) as Answer;
  let concluded = await conclude();
  if (concluded.next === 'refit') {
    await refitAsked(concluded, given);
    concluded = await conclude();
  }
  const registered = await aggregate({ kind: 'model', study }, given);
  return { study, next: prepared.next, concluded, registered };
}

const claimsOf = (study: string) => readAll(store, keys.claims(study), Claim);
const runOf = (name: string) => tracker.runs.find((run) => run.name === name);

test('a study that is given more trials goes on: what it had stays, and what it comes to is told beside what it came to', async () => {
  const first = await tune({ trials: 2 });
  const before = await contentOf(store);
  const claimed = await claimsOf(first.study);

  const second = await tune({ trials: 6 });
  expect(second).toMatchObject({ study: first.study, next: 'lanes' });
  expect(second.concluded.trials.total).toBe(6);
  expect((await claimsOf(first.study)).slice(0, claimed.length)).toEqual(claimed);
  const changed = Object.entries(await contentOf(store)).filter(([key, digest]) => before[key] !== digest);
  expect(changed.map(([key]) => key).filter((key) => key in before && !key.includes('/lanes/'))).toEqual([]);
  const conclusions = await readAll(store, keys.conclusions(first.study), Conclusion);
  expect(conclusions.map(({ trials }) => trials.total)).toEqual([2, 6]);
});

test('asked for once more, or for fewer trials than it has had, it computes nothing and answers with what it came to', async () => {
  await tune({ trials: 2 });
  const grown = await tune({ trials: 4 });
  const claimed = await claimsOf(grown.study);
  const content = await contentOf(store);
  expect(await tune({ trials: 4 })).toEqual({ ...grown, next: 'conclude' });
  expect(await contentOf(store)).toEqual(content);
  expect(await tune({ trials: 3 })).toEqual({ ...grown, next: 'conclude' });
  expect(await claimsOf(grown.study)).toEqual(claimed);
});

test('a study that was ended early ends at fewer trials where it is given fewer', async () => {
  let claims = 0;
  const some = async (study: string, given: Ports, execution?: string) => {
    for (; claims < 3; claims++) await askAs(study, claims, given, execution);
    return [];
  };
  await expect(tune({ trials: 9 }, some)).rejects.toMatchObject({ name: 'StudyFailed' });
  expect((await tune({ trials: 4 })).concluded.trials.total).toBe(4);
});

test('MLflow is told of the same runs again, and of a version more only where another model won', async () => {
  const first = await tune({ trials: 2 });
  const runIds = tracker.runs.map(({ id }) => id);
  expect(runOf(first.study)?.tags).toMatchObject({ 'fanfare.trials': '2' });

  const second = await tune({ trials: 9 });
  expect(tracker.runs.slice(0, runIds.length).map(({ id }) => id)).toEqual(runIds);
  expect(tracker.runs).toHaveLength(1 + 9);
  const parent = runOf(first.study)!;
  const { best } = second.concluded;
  expect(parent).toMatchObject({
    status: 'FINISHED',
    tags: { 'fanfare.trials': '9', 'best.leaves': String(best.params.leaves) },
  });
  const values = parent.metrics.filter(({ key }) => key === 'auc');
  expect(values.map(({ value }) => value)).toEqual([first.concluded.best.value, best.value]);
  // This seed finds a better one among the trials 2 to 8.
  expect(best.model).not.toBe(first.concluded.best.model);
  expect(tracker.versions.map(({ version }) => version)).toEqual(['1', '2']);
  expect(tracker.registered.get('late')).toEqual({ challenger: '2' });

  tracker.writes = [];
  await tune({ trials: 9 });
  expect(tracker.writes).toEqual([]);
});

test('what won before is not refitted again; what wins now is', async () => {
  const first = await tune({ trials: 2, refit: true });
  const grown = await tune({ trials: 9, refit: true });
  expect(grown.concluded.best.trial).not.toBe(first.concluded.best.trial);
  const refitted: number[] = [];
  for await (const { key } of store.list(`studies/${first.study}/refit/`))
    if (key.endsWith('result.json')) refitted.push(Number(/(\d+)-\d+\/result/.exec(key)?.[1]));
  expect(refitted).toEqual([first, grown].map(({ concluded }) => concluded.best.trial));
});

test('auto chooses by the budget that is in force, and the claims say which that was', async () => {
  const space = { leaves: { low: 3, high: 12, integer: true } };
  const few = { scheduler: { kind: 'none', max: 1 }, sampler: 'auto', space };
  const { study } = await tune({ ...few, trials: 2 });
  expect((await readStudy(store, study)).sampler.kind).toBe('gp');
  const one = async (id: string, given: Ports, execution?: string) => {
    await askAs(id, 0, given, execution);
    return [];
  };
  await expect(tune({ ...few, trials: 301 }, one)).rejects.toMatchObject({ name: 'StudyFailed' });
  expect((await readStudy(store, study)).sampler.kind).toBe('tpe');
  expect((await claimsOf(study)).map(({ budget }) => budget)).toEqual([0, 0, 1]);
});

test('a study that is stopped says why, also when it is asked again, and goes on by another budget', async () => {
  const scheduler = { kind: 'none', max: 2 };
  const first = await tune({ trials: 3, scheduler, stop: { target: 0.01 } });
  const stopped = {
    reason: 'target',
    text: expect.stringMatching(/^trial 0 reached auc 0\.\d+, the target is 0\.01$/),
  };
  expect(first.concluded).toMatchObject({ trials: { total: 1, complete: 1 }, stopped });
  expect(runOf(first.study)!.tags['fanfare.ended']).toMatch(/^trial 0 reached auc/);
  expect(await tune({ trials: 3, scheduler, stop: { target: 0.01 } })).toMatchObject({
    next: 'conclude',
    concluded: { stopped },
  });
  const second = await tune({ trials: 3, scheduler });
  expect(second.study).toBe(first.study);
  expect(second.concluded).toMatchObject({ trials: { total: 3 } });
  expect(second.concluded).not.toHaveProperty('stopped');
  expect(runOf(first.study)!.tags['fanfare.ended']).toBe('it had all of its trials');
});
