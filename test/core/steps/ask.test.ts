import { describe, expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { Claim, claimsPerLane, type Outcome, type Study } from '../../../core/contracts/study.ts';
import { readAll, readObject } from '../../../core/steps/objects.ts';
import { tell } from '../../../core/steps/tell.ts';
import { encodeJson, type ObjectStore } from '../../../core/store.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { askAs, stepPorts } from '../../support/step-world.ts';
import { putStudy } from '../../support/study-log.ts';
import { study as example } from '../../support/tracking-examples.ts';
import { chance } from '../training/tables.ts';

const study: Study = {
  ...example,
  trials: 9,
  scheduler: { kind: 'asha', eta: 3, rungs: [1, 3, 9] },
};

async function studyIn(store: ObjectStore, change: Partial<Study> = {}): Promise<ObjectStore> {
  await putStudy(store, { ...study, ...change });
  return store;
}

/** Every call takes its turns, so that what others do comes in between. */
function slow(store: ObjectStore, seed: number): ObjectStore {
  const next = chance(seed);
  const pause = async () => {
    for (let turns = Math.floor(next() * 4); turns > 0; turns--) await new Promise(setImmediate);
  };
  const paused =
    <Args extends unknown[], T>(work: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      await pause();
      const done = await work(...args);
      await pause();
      return done;
    };
  return {
    ...store,
    get: paused(store.get),
    put: paused(store.put),
    async *list(prefix, after) {
      await pause();
      yield* store.list(prefix, after);
    },
  };
}

const outcome = (trial: number): Outcome => ({
  ...{
    kind: 'reported',
    value: ((trial * 5) % 9) / 10,
    metrics: {},
    resource: 1,
    reports: [],
    checkpoint: 'c',
    seconds: 1,
  },
  model: { digest: 'a'.repeat(64), key: 'm', size: 1 },
});

/** A lane in a process of its own; gives the claims that it was handed out. */
async function lane(store: ObjectStore, number: number, seed: number): Promise<string[]> {
  const ports = stepPorts(slow(store, seed), {});
  const handed: string[] = [];
  for (;;) {
    const { next, claim } = await askAs(study.study, number, ports);
    if (next === 'done') return handed;
    if (next === 'wait') continue;
    handed.push(claim);
    const { trial } = await readObject(store, claim, Claim);
    await tell({ study: study.study, claim, outcome: outcome(trial) }, ports);
  }
}

test('two lanes that ask at the same time never get the same claim', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const store = await studyIn(memoryStore());
    const asked = await Promise.all(
      [0, 1].map((number) => askAs(study.study, number, stepPorts(slow(store, 100 * seed + number), {}))),
    );
    expect(asked.map(({ claim }) => claim).toSorted()).toEqual([
      keys.claim(study.study, 0),
      keys.claim(study.study, 1),
    ]);
  }
});

test('four lanes racing to the end hand out each trial and rung once', async () => {
  for (let seed = 0; seed < 10; seed++) {
    const store = await studyIn(memoryStore());
    const lanes = await Promise.all([0, 1, 2, 3].map((number) => lane(store, number, 10 * seed + number)));
    const handed = lanes.flat();
    expect(new Set(handed).size).toBe(handed.length);
    const claims = await readAll(store, keys.claims(study.study), Claim);
    expect(handed.toSorted()).toEqual(claims.map(({ number }) => keys.claim(study.study, number)));
    const slots = claims.map(({ trial, rung }) => `${trial}-${rung}`);
    expect(new Set(slots).size).toBe(slots.length);
    expect(claims.every(({ attempt }) => attempt === 1)).toBe(true);
    expect(claims.filter(({ rung }) => rung === 0).map(({ trial }) => trial)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8,
    ]);
    expect(claims.filter(({ rung }) => rung === 2).length).toBeGreaterThan(0);
  }
});

test('a lane that asks again before it told gets its own claim again', async () => {
  const store = await studyIn(memoryStore());
  const ports = stepPorts(store, {});
  const first = await askAs(study.study, 1, ports);
  expect(await askAs(study.study, 1, ports)).toEqual(first);
  expect(await askAs(study.study, 1, stepPorts(store, {}))).toEqual(first);
});

test('of two outcomes told for one claim the first counts', async () => {
  const store = await studyIn(memoryStore());
  const ports = stepPorts(store, {});
  const { claim } = await askAs(study.study, 0, ports);
  await tell({ study: study.study, claim, outcome: outcome(1) }, ports);
  const event = keys.event(study.study, 0);
  const first = (await store.get(event))?.body;
  expect(first).toBeDefined();
  await tell({ study: study.study, claim, outcome: { kind: 'failed', error: 'E', cause: 'late' } }, ports);
  expect((await store.get(event))?.body).toEqual(first);
});

test('a failure is told with the message within what Lambda gives as its cause', async () => {
  const store = await studyIn(memoryStore());
  const ports = stepPorts(store, {});
  const { claim } = await askAs(study.study, 0, ports);
  const cause = JSON.stringify({ errorType: 'TrainableFailed', errorMessage: 'auc is NaN', trace: [] });
  await tell(
    { study: study.study, claim, outcome: { kind: 'failed', error: 'TrainableFailed', cause } },
    ports,
  );
  const event = JSON.parse(new TextDecoder().decode((await store.get(keys.event(study.study, 0)))!.body));
  expect(event).toMatchObject({ outcome: { kind: 'failed', error: 'TrainableFailed', cause: 'auc is NaN' } });
});

test.each([
  [0, 1],
  [49, 1],
  [100, 2],
  [3600, 72],
  [36_000, 300],
])('a lane that has waited %i seconds for another waits %i more', async (waited, seconds) => {
  const store = await studyIn(memoryStore(), { trials: 1 });
  const ports = (ms: number) => stepPorts(store, {}, { now: () => ms });
  await askAs(study.study, 0, ports(5000));
  const asked = await askAs(study.study, 1, ports(5000 + waited * 1000));
  expect(asked).toEqual({ next: 'wait', waitSeconds: seconds });
});

describe('a lane that has had its share of claims', () => {
  const claim = (number: number, execution: string): Claim => ({
    ...{
      number,
      trial: number,
      rung: 0,
      budget: 0,
      attempt: 1,
      execution,
      lane: 0,
      params: {},
      open: [],
      at: 0,
    },
  });
  const event = (seq: number) => ({
    ...{ trial: seq, rung: 0, attempt: 1, params: {}, startedAt: 0, at: 0 },
    outcome: { kind: 'failed', error: 'e', cause: 'c' },
  });
  const afterShare = async (by: string) => {
    const store = await studyIn(memoryStore(), {
      trials: claimsPerLane + 5,
      stop: { failures: claimsPerLane + 5 },
    });
    for (let seq = 0; seq < claimsPerLane; seq++) {
      await store.put(keys.claim(study.study, seq), encodeJson(claim(seq, by)));
      await store.put(keys.event(study.study, seq), encodeJson(event(seq)));
    }
    return store;
  };

  test('rests, and another goes on with the next trial', async () => {
    const ports = stepPorts(await afterShare('run-1'), {});
    expect(await askAs(study.study, 0, ports)).toEqual({ next: 'rest' });
    const next = await askAs(study.study, 1, ports);
    expect(next).toMatchObject({
      next: 'train',
      claim: keys.claim(study.study, claimsPerLane),
    });
  });

  test('goes on in an execution of which it had none', async () => {
    const ports = stepPorts(await afterShare('run-0'), {});
    expect(await askAs(study.study, 0, ports)).toMatchObject({ next: 'train' });
  });
});
