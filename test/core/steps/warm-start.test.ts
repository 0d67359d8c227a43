import { beforeEach, expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { Prior } from '../../../core/contracts/prior.ts';
import { Claim } from '../../../core/contracts/study.ts';
import { withPrior } from '../../../core/search/prior.ts';
import { replay } from '../../../core/search/replay.ts';
import { readLog, readStudy } from '../../../core/search/study-folder.ts';
import { concludeStudy } from '../../../core/steps/conclude-study.ts';
import { readAll, readObject } from '../../../core/steps/objects.ts';
import type { ObjectStore } from '../../../core/store.ts';
import { contentOf } from '../../support/crashing-store.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  execution,
  fileOf,
  flights,
  prepare,
  putSpec,
  runLane,
  specOf,
  splitAll,
  stepPorts,
} from '../../support/step-world.ts';

let store: ObjectStore;
let now: number;

beforeEach(() => {
  store = memoryStore();
  now = 1000;
});

const ports = () => stepPorts(store, { flights: [fileOf('csv', flights(1500))] }, { now: () => ++now });

const leaves = { low: 3, high: 12, integer: true };

/** Prepares a study. */
async function prepared(name: string, tune: Readonly<Record<string, unknown>>): Promise<string> {
  const { tune: form } = specOf();
  const spec = await putSpec(store, specOf({ name, tune: { ...form, space: { leaves }, ...tune } }));
  const { dataset } = await splitAll(spec, ports());
  return prepare(spec, dataset, ports());
}

async function worked(name: string, tune: Readonly<Record<string, unknown>>): Promise<string> {
  const study = await prepared(name, tune);
  await runLane(study, ports());
  return study;
}

const claimsOf = (study: string) => readAll(store, keys.claims(study), Claim);
const priorOf = async (study: string) => (await readStudy(store, study)).prior;

test('a study begins with the trials of another, which are none of its own, and it replays', async () => {
  const first = await worked('early', { trials: 12, sampler: 'random' });
  const study = await worked('late', { trials: 3, warm_start: ['early'], sampler: 'tpe' });
  expect(await priorOf(study)).toMatchObject({
    sources: [{ study: first, leftOut: [], trials: 12 }],
  });
  const { sources } = await readObject(store, keys.prior(study), Prior);
  const begun = (await claimsOf(first)).filter(({ rung }) => rung === 0);
  expect(sources[0]!.trials.map(({ params }) => params)).toEqual(begun.map(({ params }) => params));
  expect(new Set(sources[0]!.trials.map(({ below }) => below))).toEqual(new Set([0, 1]));

  expect(await concludeStudy({ study, execution }, ports())).toMatchObject({
    trials: { total: 3 },
    prior: [{ study: first, trials: 12 }],
  });

  const claims = await claimsOf(study);
  const [known, history] = [await readStudy(store, study), await readLog(store, study)];
  const log = (of: typeof known) => ({
    studyBy: () => of,
    claims,
    eventOf: (number: number) => history.eventOf(claims[number]!),
  });
  const warm = await withPrior(store, known);
  expect(replay(log(warm)).difference).toBeNull();
  // It was what was shown that decided.
  const without = { ...warm, shown: { sources: [] } };
  expect(replay(log(without)).difference).toMatchObject({ what: 'params' });
});

test('asked for again it is the same study with the same prior, also where the other went on or a newer one came', async () => {
  await worked('early', { trials: 3, sampler: 'random' });
  const study = await prepared('late', { warm_start: ['early'] });
  const before = await contentOf(store);
  expect(await prepared('late', { warm_start: ['early'] })).toBe(study);
  expect(await contentOf(store)).toEqual(before);
  await worked('early', { trials: 5, sampler: 'random' });
  const newer = await worked('early', { trials: 3, sampler: 'random', seed: 1 });
  expect(await prepared('late', { warm_start: ['early'] })).toBe(study);
  expect((await priorOf(study))!.sources[0]!.trials).toBe(3);
  // By another seed it is another study, which begins with the newest.
  const other = await prepared('late', { warm_start: ['early'], seed: 2 });
  expect((await priorOf(other))!.sources[0]!.study).toBe(newer);
});

test('the study before of its own name may be what it begins with', async () => {
  const first = await worked('late', { trials: 3 });
  const second = await prepared('late', { trials: 3, warm_start: ['late'] });
  expect(second).not.toBe(first);
  expect((await priorOf(second))!.sources[0]!.study).toBe(first);
  expect(await prepared('late', { trials: 3, warm_start: ['late'] })).toBe(second);
});

test('trials that do not fit the space are left out and counted by why', async () => {
  const points = [{ leaves: 3 }, { leaves: 4 }, { leaves: 9 }];
  const first = await worked('early', { trials: 3, points });
  const narrow = { leaves: { low: 3, high: 8, integer: true }, min_data: 5 };
  const study = await prepared('late', { warm_start: [first], space: narrow });
  expect((await priorOf(study))!.sources).toEqual([
    {
      ...{ study: first, alike: true, trials: 2 },
      leftOut: [{ why: 'leaves: outside of the space: use 3 to 8', trials: 1 }],
    },
  ]);
  // What has one value need not be told.
  const { sources } = await readObject(store, keys.prior(study), Prior);
  expect(sources[0]!.trials.map(({ params }) => params)).toEqual([
    { leaves: 3, min_data: 5 },
    { leaves: 4, min_data: 5 },
  ]);
  const wider = { leaves, l2: { low: 0, high: 1 } };
  await expect(prepared('late', { warm_start: [first], space: wider })).rejects.toThrow(
    `no trial of study ${first} can be shown`,
  );
  await expect(prepared('late', { warm_start: [first], space: wider })).rejects.toThrow(
    '3 of 3: l2: not told',
  );
});

test('what cannot be begun with is refused before anything is trained', async () => {
  const first = await worked('early', { trials: 2 });
  const idle = await prepared('idle', { trials: 2 });
  const before = Object.keys(await contentOf(store)).filter((key) => key.startsWith('studies/'));
  await expect(prepared('late', { warm_start: ['earlie'] })).rejects.toMatchObject({
    name: 'MissingInput',
    message: expect.stringContaining('no study "earlie"; did you mean early? (there are: early, idle)'),
  });
  const unknown = first.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  await expect(prepared('late', { warm_start: [unknown] })).rejects.toThrow(`did you mean ${first}?`);
  await expect(prepared('late', { warm_start: [first], metric: 'accuracy' })).rejects.toThrow(
    `study ${first} goes by auc (maximize), this one by accuracy (maximize)`,
  );
  await expect(prepared('late', { warm_start: [first], metric: ['auc', 'log_loss'] })).rejects.toThrow(
    'this one by auc (maximize), log_loss (minimize)',
  );
  await expect(prepared('late', { warm_start: [idle] })).rejects.toThrow('it has none yet');
  expect(Object.keys(await contentOf(store)).filter((key) => key.startsWith('studies/'))).toEqual(before);
});

test('a study whose trials were trained for longer is not alike', async () => {
  const first = await worked('early', { trials: 2 });
  const scheduler = { kind: 'asha', min: 2, max: 18, eta: 3 };
  const longer = await prepared('late', { warm_start: [first], scheduler });
  expect((await priorOf(longer))!.sources[0]!.alike).toBe(false);
});
