import { expect, it } from 'vitest';
import type { Claim, Trial } from '../../../core/contracts/study.ts';
import { History } from '../../../core/search/history.ts';
import { liveCurve, withLiveCurves } from '../../../core/steps/live-curve.ts';
import { recordStudy } from '../../../core/tracking/record-study.ts';
import { FakeTracker } from '../../support/fake-tracker.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { study, trials } from '../../support/tracking-examples.ts';

const params = trials[0]!.params;
const claim: Claim = {
  ...{ number: 0, trial: 0, rung: 1, attempt: 1, execution: 'e', lane: 0 },
  ...{ params, open: [], at: study.createdAt, budget: 27 },
};
const points = (steps: readonly number[]) => steps.map((step) => ({ step, value: step / 100 }));

it('shows what a trial has reported on its way, and later nothing of that again', async () => {
  const store = memoryStore();
  const tracker = new FakeTracker();
  let now = 0;
  const show = liveCurve(study, claim, { store, remaining: () => 60_000 - now });
  const history = new History();
  history.add(claim);
  const running: Trial = { ...trials[0]!, state: 'running', rungs: trials[0]!.rungs.slice(0, 1) };
  const record = async (told: readonly Trial[]) => {
    await recordStudy(tracker, { study, trials: told, dataset: undefined, conclusion: undefined });
    return tracker.runs.find(({ name }) => name === 'trial-0')!.metrics.map(({ step }) => step);
  };
  const look = async () => record(await withLiveCurves(study, [running], history, { store, now: () => now }));

  // In its first seconds it is not shown: a short trial costs nothing.
  await show(points([12]));
  expect(await look()).toEqual([3, 6, 9]);
  now = 6000;
  await show(points([12, 15, 18]));
  expect(await look()).toEqual([3, 6, 9, 12, 15]);
  now = 8000;
  await show(points([12, 15, 18, 21]));
  expect(await look()).toEqual([3, 6, 9, 12, 15]);
  now = 12_000;
  await show(points([12, 15, 18, 21, 24]));
  expect(await look()).toEqual([3, 6, 9, 12, 15, 18, 21]);

  const outcome = { ...trials[0]!.rungs[1]!.outcome, reports: points([12, 15, 18, 21, 24, 27]) };
  const ended: Trial = { ...trials[0]!, rungs: [running.rungs[0]!, { ...trials[0]!.rungs[1]!, outcome }] };
  expect(
    await record(await withLiveCurves(study, [ended], new History(), { store, now: () => now })),
  ).toEqual([3, 6, 9, 12, 15, 18, 21, 24, 27]);
});
