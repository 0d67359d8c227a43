import { expect, test } from 'vitest';
import type { Conclusion } from '../../../core/contracts/conclusion.ts';
import type { Claim, Study, StudyEvent } from '../../../core/contracts/study.ts';
import { studyPart } from '../../../core/report/study-part.ts';
import { History } from '../../../core/search/history.ts';
import { studyOf } from '../../support/study-log.ts';

const study: Study = {
  ...studyOf(3),
  space: {
    rate: { kind: 'float', low: 0, high: 1, log: false },
    kind: { kind: 'choice', options: ['a', 'b'] },
  },
  scheduler: { kind: 'asha', eta: 3, rungs: [1, 3] },
  createdAt: 1000,
};

const claim = (number: number, trial: number, rung: number, at: number): Claim => ({
  ...{ number, trial, rung, attempt: 1, execution: 'e1', lane: 0, budget: 0, open: [], at },
  params: { rate: trial / 4, ...(trial === 1 ? {} : { kind: 'b' }) },
});

const told = ({ trial, rung, params }: Claim, value: number, startedAt: number, at: number): StudyEvent => ({
  ...{ trial, rung, params, attempt: 1, startedAt, at },
  outcome: {
    ...{ kind: 'reported', value, metrics: { auc: value, brier: 0.1 }, resource: [1, 3][rung]! },
    reports: [{ step: rung + 1, value: value - 0.12345678 }],
    ...{ checkpoint: '', model: null, seconds: 1 },
  },
});

function history(): History {
  const log = new History();
  const claims = [claim(0, 0, 0, 2000), claim(1, 1, 0, 5000), claim(2, 0, 1, 7000), claim(3, 2, 0, 9000)];
  for (const one of claims) log.add(one);
  log.end(0, told(claims[0]!, 0.7, 2500, 4000));
  log.end(1, told(claims[1]!, 0.6, 5000, 6500));
  log.end(2, told(claims[2]!, 0.8, 7000, 8500));
  log.end(3, {
    ...{ trial: 2, rung: 0, attempt: 1, params: claims[3]!.params, startedAt: 9000, at: 9500 },
    outcome: { kind: 'failed', error: 'TrainableFailed', cause: 'diverged' },
  });
  return log;
}

const conclusion: Conclusion = {
  study: study.study,
  claims: 4,
  best: { trial: 0, params: {}, value: 0.8, metrics: {}, resource: 3, model: null },
  trials: { total: 3, complete: 1, pruned: 1, failed: 1 },
  ...{ startedAt: 2000, endedAt: 11_000 },
};

test('a study’s folder becomes what its page shows', () => {
  const part = studyPart({ study, history: history(), conclusion, until: 11_000 });
  expect(part).toMatchObject({
    ...{ kind: 'study', state: 'concluded', began: 1000, took: 10_000, budget: 3, rungs: [1, 3] },
    counts: { complete: 1, pruned: 1, failed: 1, running: 0, waiting: 0 },
    best: { trial: 0, value: 0.8, std: null, resource: 3, metrics: { brier: 0.1 } },
    improvements: [
      { at: 3000, trial: 0, value: 0.7, rungs: 1 },
      { at: 7500, trial: 0, value: 0.8, rungs: 3 },
    ],
    failures: [{ trial: 2, error: 'TrainableFailed', cause: 'diverged', at: 8500 }],
    stages: [
      { name: 'prepare', seconds: 1 },
      { name: 'trials', seconds: 7.5 },
    ],
  });
  expect(part.trials).toEqual({
    number: [0, 1, 2],
    state: ['complete', 'pruned', 'failed'],
    reason: [null, expect.any(String), null],
    value: [0.8, 0.6, null],
    params: { rate: [0, 0.25, 0.5], kind: ['b', null, 'b'] },
    metrics: { brier: [0.1, 0.1, null] },
    seconds: [2, 1, 0],
    began: [1000, 4000, 8000],
    // In the order of the steps, six digits of each value.
    curves: [[1, 0.576543, 2, 0.676543], [1, 0.476543], []],
    ends: [[1, 0.7, 3, 0.8], [1, 0.6], []],
    folds: [],
  });
  expect([part.works.from, part.works.to]).toEqual([
    [1000, 4000, 6000, 8000],
    [3000, 5500, 7500, 8500],
  ]);
  expect(part.works).toMatchObject({ lane: [0, 0, 0, 0], rung: [0, 0, 1, 0], fold: [], end: [0, 0, 0, 1] });
  expect(part.axes.find(({ name }) => name === 'kind')!.positions).toEqual([0.75, null, 0.75]);
});

test('one that goes on has no end, and what waits is no loss', () => {
  const part = studyPart({ study, history: history(), conclusion: null, until: 20_000 });
  expect(part.state).toBe('open');
  expect(part.took).toBe(19_000);
  expect(part.counts).toMatchObject({ complete: 1, waiting: 1, failed: 1 });
  expect(part.stages.map(({ name }) => name)).toEqual(['prepare', 'trials']);
});

test('one that nobody has begun has no best and no lanes', () => {
  const part = studyPart({ study, history: new History(), conclusion: null, until: 3000 });
  expect(part).toMatchObject({ best: null, improvements: [], stages: [], began: 1000 });
  expect(part.importance.every(({ share }) => share === 0)).toBe(true);
});

test('of two objectives the front is told, the best by the first one first', () => {
  const two: Study = { ...study, also: [{ metric: 'brier', direction: 'minimize' }] };
  const part = studyPart({ study: two, history: history(), conclusion, until: 11_000 });
  // Trial 0 has the better auc, both have the same brier score.
  expect([part.front, part.also]).toEqual([[0], [{ metric: 'brier', direction: 'minimize' }]]);
  const log = history();
  const [, claim1] = log.claims;
  const event = log.eventOf(claim1!)!;
  const outcome = event.outcome.kind === 'reported' && {
    ...event.outcome,
    metrics: { auc: 0.6, brier: 0.05 },
  };
  log.end(1, { ...event, outcome: outcome as StudyEvent['outcome'] });
  expect(studyPart({ study: two, history: log, conclusion, until: 11_000 }).front).toEqual([0, 1]);
  expect(studyPart({ study, history: log, conclusion, until: 11_000 }).front).toEqual([]);
});
