import { beforeEach, expect, test } from 'vitest';
import { History } from '../../core/search/history.ts';
import { readSpec } from '../../core/spec/read.ts';
import { type Progress, type ProgressTracker, trackProgress } from '../../library/progress.ts';

let now: number;
let told: Progress[];
let tracker: ProgressTracker;
let done: Set<number>;
let history: History;

const spec = readSpec(
  'name: late\ntable: a.csv\ntarget: late\ntune: { trials: 10, metric: log_loss, space: { l2: 1 } }',
  'late.yaml',
);
const place = { execution: 'late-1', state: 'Shards' };
const last = <K extends Progress['kind']>(kind: K) =>
  told.filter((one): one is Extract<Progress, { kind: K }> => one.kind === kind).at(-1);

beforeEach(() => {
  now = 0;
  told = [];
  done = new Set();
  history = new History();
  tracker = trackProgress({
    tell: (progress) => told.push(progress),
    now: () => now,
    historyOf: async () => history,
    doneOf: async () => done,
  });
  tracker.begin({ command: 'pipeline', spec, model: null });
});

function begin(flow: 'split' | 'tune' | 'predict', items: number): void {
  tracker.onEvent({ ...place, flow, at: now, kind: 'started' });
  tracker.onEvent({ ...place, flow, at: now, kind: 'map-started', items });
}

function shard(index: number, rows: number): void {
  tracker.onAnswer('split-shard', null, { shard: index, rows });
  tracker.onEvent({ ...place, flow: 'split', at: now, kind: 'item-done', index });
}

const outcome = (value: number) => ({
  ...{ kind: 'reported', value, metrics: {}, resource: 10 },
  ...{ reports: [], checkpoint: 'c', model: null, seconds: 1 },
});

function rung(trial: number, at: number, value: number): void {
  const study = 'late-0123456789ab';
  tracker.onAnswer('ask', null, { next: 'train', claim: 'c', trial, rung: at, attempt: 1 });
  tracker.onAnswer('tell', { study, claim: 'c', outcome: outcome(value) }, { trial, rung: at, attempt: 1 });
}

test('shards tell their rows a second, and the time that is left once two are done', () => {
  begin('split', 8);
  now = 4000;
  shard(1, 1000);
  expect(last('shards')).toMatchObject({ done: 1, total: 8, rows: 1000, secondsLeft: null });
  shard(0, 3000);
  // 4000 rows in 4 s; 2 shards in 4 s, 6 to go.
  expect(last('shards')).toMatchObject({ done: 2, rows: 4000, rowsPerSecond: 1000, secondsLeft: 12 });
});

test('a shard that is done in several goes tells its rows so far', () => {
  begin('predict', 2);
  now = 4000;
  tracker.onAnswer('predict-shard', null, { shard: 0, rows: 600, next: 'continue' });
  expect(last('shards')).toMatchObject({ done: 0, rows: 600, rowsPerSecond: 150 });
  tracker.onAnswer('predict-shard', null, { shard: 0, rows: 1000, next: 'done' });
  tracker.onEvent({ ...place, flow: 'predict', at: now, kind: 'item-done', index: 0 });
  expect(last('shards')).toMatchObject({ done: 1, rows: 1000 });
});

test('shards that were done before count as done, and not for the pace', async () => {
  done = new Set([0, 1, 2, 3]);
  tracker.onAnswer('plan-split', null, { job: 'datasets/late-0123456789ab/', next: 'shards' });
  await Promise.resolve();
  begin('split', 8);
  for (const before of done) shard(before, 1000);
  now = 10_000;
  expect(last('shards')).toMatchObject({ done: 4, rows: null, rowsPerSecond: null, secondsLeft: null });
  shard(4, 500);
  shard(5, 500);
  // 2 shards in 10 s, 2 to go.
  expect(last('shards')).toMatchObject({ done: 6, rows: 1000, rowsPerSecond: 100, secondsLeft: 10 });
});

test('trials tell the best so far by the way its metric is better, and the lanes are no shards', () => {
  begin('tune', 2);
  tracker.onAnswer('prepare-study', null, {
    ...{ study: 'late-0123456789ab', next: 'lanes', direction: 'minimize' },
  });
  now = 30_000;
  rung(0, 0, 0.5);
  rung(1, 0, 0.3);
  expect(last('trials')).toMatchObject({ tried: 2, secondsLeft: null });
  rung(2, 0, 0.4);
  rung(1, 1, 0.2);
  // 3 of 10 trials in 30 s, 7 to go.
  expect(last('trials')).toMatchObject({
    ...{ total: 10, begun: 3, tried: 3, rungs: 4, failed: 0, secondsLeft: 70 },
    best: { value: 0.2, trial: 1, rung: 1 },
  });
  expect(last('shards')).toBeUndefined();
});

test('a study that goes on is counted whole, and its pace is that of what is done now', async () => {
  const claimed = { budget: 0, attempt: 1, execution: 'late-0', lane: 0, params: {}, open: [], at: 1 };
  for (const trial of [0, 1, 2, 3]) {
    history.add({ ...claimed, number: trial, trial, rung: 0 });
    history.end(trial, {
      ...{ trial, rung: 0, attempt: 1, params: {}, startedAt: 1, at: 2 },
      outcome: { ...outcome([0.9, 0.8, 0.7, 0.6][trial]!), kind: 'reported' },
    });
  }
  begin('tune', 2);
  tracker.onAnswer('prepare-study', null, {
    study: 'late-0123456789ab',
    next: 'lanes',
    direction: 'minimize',
  });
  await Promise.resolve();
  expect(last('trials')).toMatchObject({ tried: 4, best: { trial: 3, value: 0.6 }, secondsLeft: null });
  now = 12_000;
  for (const trial of [4, 5, 6]) rung(trial, 0, 0.7);
  // 3 trials in 12 s, 3 to go.
  expect(last('trials')).toMatchObject({ tried: 7, best: { trial: 3 }, secondsLeft: 12 });
});

test('stages add up what they took, and a new job begins at nothing', () => {
  for (const at of [0, 5000]) {
    tracker.onEvent({ ...place, flow: 'predict', at, kind: 'started' });
    tracker.onEvent({ ...place, flow: 'predict', at: at + 1500, kind: 'succeeded' });
  }
  expect(tracker.seconds()).toEqual({ predict: 3 });
  tracker.begin({ command: 'split', spec, model: null });
  expect(tracker.seconds()).toEqual({});
});

test('with folds a rung is done when all of them are, and worth their mean', () => {
  const folds = readSpec(
    'name: late\ntable: a.csv\ntarget: late\nsplit: { folds: 2 }\ntune: { trials: 10, metric: log_loss, space: { l2: 1 } }',
    'late.yaml',
  );
  tracker.begin({ command: 'pipeline', spec: folds, model: null });
  begin('tune', 2);
  const tellFold = (fold: number, value: number) => {
    const leg = { trial: 0, rung: 0, fold, attempt: 1 };
    tracker.onAnswer('ask', null, { next: 'train', claim: 'c', ...leg });
    tracker.onAnswer('tell', { study: 'late-0123456789ab', claim: 'c', outcome: outcome(value) }, leg);
  };
  tellFold(1, 0.1);
  expect(last('rung')).toMatchObject({ trial: 0, rung: 0, fold: 1 });
  expect(last('trials')).toMatchObject({ rungs: 0, best: null });
  tellFold(0, 0.4);
  tellFold(0, 0.4);
  expect(last('trials')).toMatchObject({ rungs: 1, best: { trial: 0, rung: 0, value: 0.25 } });
});
