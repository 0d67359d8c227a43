import { expect, test } from 'vitest';
import { laneTimes } from '../../../core/analysis/lanes.ts';
import type { Claim, StudyEvent } from '../../../core/contracts/study.ts';
import { History } from '../../../core/search/history.ts';

const claim = (number: number, lane: number, at: number, more: Partial<Claim> = {}): Claim => ({
  ...{
    number,
    trial: number,
    rung: 0,
    budget: 0,
    attempt: 1,
    execution: 'e1',
    lane,
    params: {},
    open: [],
    at,
  },
  ...more,
});

const told = (
  { trial, rung, attempt }: Claim,
  startedAt: number,
  at: number,
  seconds: number,
): StudyEvent => ({
  ...{ trial, rung, attempt, params: {}, startedAt, at },
  outcome: {
    ...{ kind: 'reported', value: 1, metrics: {}, resource: 1, reports: [], checkpoint: '', model: null },
    seconds,
  },
});

function historyOf(...works: readonly (readonly [Claim, StudyEvent?])[]): History {
  const history = new History();
  for (const [one] of works) history.add(one);
  for (const [{ number }, event] of works) if (event) history.end(number, event);
  return history;
}

test('what two lanes did, and how long one of them did nothing', () => {
  const [a, b, c] = [claim(0, 0, 1000), claim(1, 1, 1000), claim(2, 0, 6000)];
  const times = laneTimes(
    historyOf([a, told(a, 2000, 5000, 2.5)], [b, told(b, 1500, 9000, 7)], [c, told(c, 6000, 8000, 2)]),
    99_000,
  );
  expect(times.lanes).toBe(2);
  expect(times.works.map(({ lane, from, to, end }) => [lane, from, to, end])).toEqual([
    [0, 1000, 5000, 'reported'],
    [1, 1000, 9000, 'reported'],
    [0, 6000, 8000, 'reported'],
  ]);
  // Two lanes for 8 seconds: lane 0 had nothing to do from 5 to 6 and from 8 to 9.
  expect(times.seconds).toEqual({ begin: 1.5, train: 11.5, judge: 1, lost: 0, idle: 2 });
});

test('what died with its execution is lost until another takes it up; the time between two executions is nobody’s', () => {
  const first = claim(0, 0, 0);
  const dead = claim(1, 0, 4000, { trial: 7 });
  const again = claim(2, 0, 60_000, { trial: 7, attempt: 2, execution: 'e2' });
  const times = laneTimes(
    historyOf([first, told(first, 0, 4000, 4)], [dead], [again, told(again, 60_000, 63_000, 3)]),
    99_000,
  );
  expect(times.works[1]).toMatchObject({ end: 'lost', from: 4000, to: 60_000 });
  expect(times.seconds).toMatchObject({ train: 7, idle: 0 });
});

test('what is open is at work until now', () => {
  const times = laneTimes(historyOf([claim(0, 3, 1000)]), 5000);
  expect(times.works).toEqual([
    {
      ...{ lane: 3, trial: 0, rung: 0, fold: null, from: 1000, to: 5000 },
      startedAt: null,
      seconds: 0,
      end: 'open',
    },
  ]);
  expect(times.seconds).toEqual({ begin: 0, train: 4, judge: 0, lost: 0, idle: 0 });
});

test('a study that nobody works on has no lanes', () => {
  expect(laneTimes(new History(), 5)).toEqual({
    ...{ works: [], lanes: 0 },
    seconds: { begin: 0, train: 0, judge: 0, lost: 0, idle: 0 },
  });
});
