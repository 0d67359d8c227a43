import { expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import type { Claim, StudyEvent } from '../../../core/contracts/study.ts';
import { readHistory } from '../../../core/search/study-folder.ts';
import { encodeJson, type ObjectStore } from '../../../core/store.ts';
import { memoryStore } from '../../support/memory-store.ts';

const study = 'demo-000000000000';

const claim = (number: number, change: Partial<Claim> = {}): Claim => ({
  ...{
    number,
    trial: number,
    rung: 0,
    budget: 0,
    attempt: 1,
    execution: 'e1',
    lane: 0,
    params: {},
    open: [],
    at: 0,
  },
  ...change,
});

const event: StudyEvent = {
  ...{ trial: 0, rung: 0, attempt: 1, params: {}, startedAt: 0, at: 0 },
  outcome: { kind: 'failed', error: 'E', cause: 'c' },
};

const putClaim = (store: ObjectStore, given: Claim) =>
  store.put(keys.claim(study, given.number), encodeJson(given));
const putEvent = (store: ObjectStore, number: number) =>
  store.put(keys.event(study, number), encodeJson(event));

/** A store that notes the keys that it was asked for. */
function watched(store: ObjectStore) {
  const asked: string[] = [];
  const get = (key: string) => {
    asked.push(key);
    return store.get(key);
  };
  return { store: { ...store, get }, asked };
}

test('a study of hundreds of claims is read whole, and then only what may be new', async () => {
  const { store, asked } = watched(memoryStore());
  for (let number = 0; number < 300; number++) {
    await putClaim(store, claim(number));
    if (number !== 7) await putEvent(store, number);
  }
  const history = await readHistory(store, study);
  expect(history.claims.map(({ number }) => number)).toEqual(Array.from({ length: 300 }, (_, at) => at));
  expect(history.open.map(({ number }) => number)).toEqual([7]);

  asked.length = 0;
  await putClaim(store, claim(300));
  await putEvent(store, 7);
  await readHistory(store, study, history);
  expect(history.open.map(({ number }) => number)).toEqual([300]);
  // The new claim, two that are not there yet, and the outcomes of the two that were open.
  expect(asked.toSorted()).toEqual([
    ...[300, 301, 302].map((number) => keys.claim(study, number)),
    ...[7, 300].map((number) => keys.event(study, number)),
  ]);
});

test('what a dead execution claimed is not looked after any more once it has a successor', async () => {
  const { store, asked } = watched(memoryStore());
  await putClaim(store, claim(0));
  await putClaim(store, claim(1, { trial: 0, attempt: 2, execution: 'e2' }));
  const history = await readHistory(store, study);
  expect(history.open.map(({ number }) => number)).toEqual([1]);
  expect(asked).not.toContain(keys.event(study, 0));
});

test('a claim that is not what it should be is named', async () => {
  const store = memoryStore();
  await store.put(keys.claim(study, 0), encodeJson({ trial: 0 }));
  await expect(readHistory(store, study)).rejects.toThrow(
    `object ${keys.claim(study, 0)} is not what it should be`,
  );
});

test('the folds of a rung are found by their claims, and the last attempt at each counts', async () => {
  const store = memoryStore();
  const leg = { trial: 0, rung: 0 };
  await putClaim(store, claim(0, { ...leg, fold: 0 }));
  await putClaim(store, claim(1, { ...leg, fold: 1 }));
  await putEvent(store, 0);
  await putClaim(store, claim(2, { ...leg, fold: 2 }));
  // Its execution died, and the next one took that fold over.
  await putClaim(store, claim(3, { ...leg, fold: 1, attempt: 2, execution: 'e2' }));
  const history = await readHistory(store, study);
  expect(
    history
      .rung(0)
      .get(0)!
      .map(({ number, fold }) => [number, fold]),
  ).toEqual([
    [0, 0],
    [3, 1],
    [2, 2],
  ]);
  expect(history.open.map(({ number }) => number)).toEqual([2, 3]);
  expect(history.begun).toBe(1);
});
