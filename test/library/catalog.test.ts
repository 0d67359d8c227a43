import { beforeEach, describe, expect, test } from 'vitest';
import { keys } from '../../core/contracts/keys.ts';
import type { Study } from '../../core/contracts/study.ts';
import { encodeJson, type ObjectStore } from '../../core/store.ts';
import { compare } from '../../library/compare.ts';
import type { Engine, Run } from '../../library/engine.ts';
import { listOf } from '../../library/list.ts';
import { show } from '../../library/show.ts';
import { statusOf } from '../../library/status.ts';
import { memoryStore } from '../support/memory-store.ts';
import { claimOf, Folder, lost, putStudy, studyOf } from '../support/study-log.ts';

let store: ObjectStore;
let running: readonly Run[];
const engine = () => ({ store, place: '/store', runs: async () => running }) as unknown as Engine;

const first = 'late-000000000001';
const second = 'late-000000000002';

/** A study of one lane whose trials come to these values at their first rung; null: it fails. */
async function put(change: Partial<Study>, values: readonly (number | null)[]): Promise<void> {
  const study: Study = { ...studyOf(values.length), ...change };
  await putStudy(store, study);
  const folder = new Folder({ ...study, scheduler: { kind: 'none', rungs: [9] } });
  for (const value of values) {
    const claim = claimOf(folder.ask(0));
    if (value === null) folder.history.end(claim.number, lost(claim));
    else folder.tell(claim, value);
    await store.put(keys.claim(study.study, claim.number), encodeJson(claim));
    await store.put(keys.event(study.study, claim.number), encodeJson(folder.history.eventOf(claim)!));
  }
}

const none: Study['scheduler'] = { kind: 'none', rungs: [9] };

beforeEach(async () => {
  store = memoryStore();
  running = [];
  await put({ study: first, scheduler: none, createdAt: 1000 }, [0.5, 0.9, null, 0.7]);
  const space: Study['space'] = {
    rate: { kind: 'float', low: 0, high: 1, log: false },
    l2: { kind: 'choice', options: [1] },
  };
  await put({ study: second, scheduler: none, createdAt: 2000, trials: 5, space }, [0.6]);
  await put(
    { study: 'other-000000000003', scheduler: none, dataset: 'other-222222222222', direction: 'minimize' },
    [3, 2],
  );
});

describe('list', () => {
  test('has the newest first, each with its best trial and what became of the others', async () => {
    const { studies } = await listOf(engine(), 'late');
    expect(studies).toMatchObject([
      { study: second, state: 'stopped', trials: { budget: 5, begun: 1 }, best: { trial: 0, value: 0.6 } },
      {
        ...{ study: first, startedAt: 1000, best: { trial: 1, value: 0.9 } },
        trials: { budget: 4, begun: 4, complete: 3, failed: 1 },
      },
    ]);
  });

  test('seeks the least value where less is better', async () => {
    const { studies } = await listOf(engine(), 'other');
    expect(studies).toMatchObject([{ best: { trial: 1, value: 2 } }]);
  });

  test('knows that somebody works on the newest of a name', async () => {
    running = [{ kind: 'process', name: 'late', pid: 1, command: 'tune late.yaml' }];
    expect((await listOf(engine(), '')).studies.map(({ state }) => state)).toEqual([
      'running',
      'stopped',
      'stopped',
    ]);
    running = [{ kind: 'execution', flow: 'tune', name: `${first}-1`, state: 'running', startedAt: 0 }];
    expect((await listOf(engine(), 'late')).studies[0]).toMatchObject({ study: second, state: 'running' });
    running = [{ kind: 'execution', flow: 'tune', name: `${first}-1`, state: 'failed', startedAt: 0 }];
    expect((await listOf(engine(), 'late')).studies[0]).toMatchObject({ state: 'stopped' });
  });
});

test('status has who works, what is not done, and what waits for MLflow', async () => {
  running = [{ kind: 'process', name: 'late', pid: 1, command: 'tune late.yaml' }];
  await store.put('pending/model-x.json', encodeJson({ kind: 'model', study: first }));
  const status = await statusOf(engine(), 'late');
  expect(status).toMatchObject({
    runs: running,
    predictions: [],
    pending: [{ kind: 'model', study: first }],
  });
  expect(status.studies.map(({ study }) => study)).toEqual([second, first]);
});

describe('show', () => {
  test('has all trials of a study, the best first and those without a value last', async () => {
    const shown = await show(engine(), first);
    expect(shown).toMatchObject({ kind: 'study', model: null, others: [] });
    if (shown.kind !== 'study') throw new Error('no study');
    expect(shown.trials.map(({ number, value }) => [number, value])).toEqual([
      [1, 0.9],
      [3, 0.7],
      [0, 0.5],
      [2, undefined],
    ]);
    expect(shown.rungs).toEqual([{ resource: 9, trials: 3, best: 0.9 }]);
  });

  test('by a name is of its newest study, and says what else is called so', async () => {
    expect(await show(engine(), 'late')).toMatchObject({ study: { study: second }, others: [first] });
    expect(await show(engine(), `/store/studies/${first}/`)).toMatchObject({ study: { study: first } });
  });

  test('of what is not there says what is', async () => {
    await expect(show(engine(), 'lat')).rejects.toMatchObject({
      name: 'MissingInput',
      message: expect.stringMatching(
        /^there is nothing named "lat"; did you mean late\? \(there are: late, other, late-0/,
      ),
    });
  });
});

describe('compare', () => {
  test('has what differs, and only that: budget, axes, best parameters', async () => {
    const document = await compare(engine(), [first, second]);
    expect(document).toMatchObject({
      comparable: true,
      design: [{ key: 'trials', values: [4, 5] }],
      space: [{ parameter: 'l2', axes: [null, { kind: 'choice', options: [1] }] }],
    });
    expect(document.best.find(({ parameter }) => parameter === 'l2')).toEqual({
      ...{ parameter: 'l2', values: [null, 1], differs: true },
    });
  });

  test('of one name compares all of its studies', async () => {
    const { studies } = await compare(engine(), ['late']);
    expect(studies.map(({ study }) => study)).toEqual([second, first]);
  });

  test('says where values mean different things', async () => {
    expect(await compare(engine(), ['late', 'other'])).toMatchObject({ comparable: false });
  });

  test('needs two', async () => {
    await expect(compare(engine(), ['other'])).rejects.toThrow('other is one study, and two are needed');
    await expect(compare(engine(), ['late', 'othr'])).rejects.toThrow('there is no study "othr"');
  });
});
