import { describe, expect, test } from 'vitest';
import type { Study, Trial } from '../../../core/contracts/study.ts';
import { bestTrial, frontOf, objectiveValues } from '../../../core/search/front.ts';
import { studyOf } from '../../support/study-log.ts';

const study = (choose?: Study['choose']): Study => ({
  ...studyOf(6),
  also: [{ metric: 'size', direction: 'minimize' }],
  ...(choose !== undefined && { choose }),
});
const trial = (number: number, auc: number, size: number, state: Trial['state'] = 'complete'): Trial => ({
  number,
  params: {},
  state,
  rungs: [
    {
      rung: 0,
      outcome: { value: auc, metrics: { auc, size }, resource: 1, reports: [], model: null, seconds: 0 },
      startedAt: 0,
      at: 0,
    },
  ],
  startedAt: 0,
});
/** The greater the auc and the smaller the size the better: 4 is behind 2, and 5 failed later on. */
const trials = [
  trial(0, 0.9, 100),
  trial(1, 0.5, 10),
  trial(2, 0.89, 30, 'pruned'),
  trial(3, 0.8, 20),
  trial(4, 0.85, 40),
  trial(5, 0.99, 1, 'failed'),
];
const numbers = (each: readonly Trial[]) => each.map(({ number }) => number);

describe('the front', () => {
  test('has the trials that no other is better than, the best by the first objective first, and none that failed', () => {
    expect(numbers(frontOf(study(), trials))).toEqual([0, 2, 3, 1]);
    expect(numbers(frontOf(study(), trials.toReversed()))).toEqual([0, 2, 3, 1]);
    expect(frontOf(study(), [trial(0, 0, 0, 'failed'), { ...trial(1, 0, 0), rungs: [] }])).toEqual([]);
  });

  test('tells each objective', () => {
    expect(objectiveValues(study(), trials[2]!)).toEqual({ auc: 0.89, size: 30 });
  });
});

describe('the trial that is chosen', () => {
  test('is the best by the first objective; the others break ties', () => {
    expect(bestTrial(study(), trials)?.number).toBe(0);
    expect(bestTrial(study(), [...trials, trial(6, 0.9, 99)])?.number).toBe(6);
    expect(bestTrial(study(), [])).toBeUndefined();
  });

  test('at the knee is the nearest to the best of both, as shares of the width of the front', () => {
    // From (0.9, 10): 0 is (0, 1), 1 is (1, 0), 2 is (0.025, 0.222), 3 is (0.25, 0.111): 0.27 away.
    expect(bestTrial(study('knee'), trials)?.number).toBe(2);
    expect(bestTrial(study('knee'), [trials[0]!])?.number).toBe(0);
  });

  test('within a tolerance is the best by the second of those that are so near to the best by the first', () => {
    const chosen = (within: number) => bestTrial(study({ within }), trials)?.number;
    expect([0, 0.005, 0.02, 0.2, 0.5].map(chosen)).toEqual([0, 0, 2, 3, 1]);
  });

  test('of one objective is the best', () => {
    expect(bestTrial(studyOf(6), trials)?.number).toBe(0);
  });
});
