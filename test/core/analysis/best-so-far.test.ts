import { expect, test } from 'vitest';
import { bestSoFar } from '../../../core/analysis/best-so-far.ts';
import type { Trial } from '../../../core/contracts/study.ts';

const trial = (
  number: number,
  values: readonly (readonly [at: number, value: number])[],
  lostAt?: number,
): Trial => ({
  number,
  params: {},
  state: lostAt === undefined ? 'complete' : 'failed',
  rungs: values.map(([at, value], rung) => ({
    rung,
    outcome: { value, metrics: {}, resource: 1, reports: [], model: null, seconds: 1 },
    startedAt: 0,
    at,
  })),
  startedAt: 0,
  ...(lostAt !== undefined && { failure: { error: 'TrainableFailed', cause: 'diverged', at: lostAt } }),
});

test('improves in the order of time, whatever the order of trials', () => {
  const trials = [
    trial(0, [[30, 0.9]]),
    trial(1, [
      [10, 0.5],
      [40, 0.8],
    ]),
    trial(2, [[20, 0.4]]),
  ];
  expect(bestSoFar({ direction: 'maximize' }, trials)).toEqual([
    { at: 10, trial: 1, value: 0.5, rungs: 1 },
    { at: 30, trial: 0, value: 0.9, rungs: 3 },
  ]);
  expect(bestSoFar({ direction: 'minimize' }, trials)).toEqual([
    { at: 10, trial: 1, value: 0.5, rungs: 1 },
    { at: 20, trial: 2, value: 0.4, rungs: 2 },
  ]);
});

test('a trial is worth its latest value, and nothing once it has failed', () => {
  expect(
    bestSoFar({ direction: 'minimize' }, [
      trial(0, [
        [1, 0.2],
        [3, 0.6],
      ]),
      trial(1, [[2, 0.5]]),
    ]),
  ).toEqual([
    { at: 1, trial: 0, value: 0.2, rungs: 1 },
    { at: 3, trial: 1, value: 0.5, rungs: 3 },
  ]);
  expect(bestSoFar({ direction: 'minimize' }, [trial(0, [[1, 0.2]], 5), trial(1, [[2, 0.5]])])).toEqual([
    { at: 1, trial: 0, value: 0.2, rungs: 1 },
    { at: 5, trial: 1, value: 0.5, rungs: 2 },
  ]);
});

test('the lower number has the tie, and a study without a value has no best', () => {
  expect(bestSoFar({ direction: 'minimize' }, [trial(1, [[1, 0.2]]), trial(0, [[2, 0.2]])])).toEqual([
    { at: 1, trial: 1, value: 0.2, rungs: 1 },
    { at: 2, trial: 0, value: 0.2, rungs: 2 },
  ]);
  expect(bestSoFar({ direction: 'minimize' }, [trial(0, [])])).toEqual([]);
});
