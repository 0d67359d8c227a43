import { describe, expect, test } from 'vitest';
import { schedulerFrom } from '../../../core/search/schedulers/rungs.ts';
import { readSpec } from '../../../core/spec/read.ts';
import { refusal } from '../../support/refusal.ts';

const withTune = (line: string): string =>
  [
    'name: flights',
    'table: a.parquet',
    'target: late',
    'tune:',
    '  space: { l2: { low: 0, high: 1 } }',
    `  ${line}`,
  ].join('\n');
const tuneOf = (line: string) => readSpec(withTune(line), 'a.yaml').tune;

describe('a scheduler', () => {
  test.each([
    [
      'median',
      { kind: 'percentile', percentile: 50, startup: 5, rungs: [10, 20, 30, 40, 50, 60, 70, 80, 90, 100] },
    ],
    [
      '{ kind: percentile, max: 50, interval: 20, warmup: 5 }',
      { kind: 'percentile', percentile: 25, startup: 5, rungs: [5, 25, 45, 50] },
    ],
    ['{ kind: patience, max: 4 }', { kind: 'patience', patience: 3, min_delta: 0, rungs: [1, 2, 3, 4] }],
    ['hyperband', { kind: 'hyperband', eta: 3, rungs: [10, 30, 100] }],
    ['successive_halving', { kind: 'successive_halving', eta: 3, bracket: 9, rungs: [10, 30, 100] }],
    ['none', { kind: 'none', rungs: [100] }],
  ])('%s has these rungs', (written, made) => {
    expect(schedulerFrom(tuneOf(`scheduler: ${written}`).scheduler)).toEqual(made);
  });

  test('has the rungs that suit a network, where it does not say', () => {
    const { scheduler } = tuneOf('trainable: mlp\n  scheduler: hyperband');
    expect(schedulerFrom(scheduler)).toMatchObject({ rungs: [3, 9, 27] });
  });
});

describe('a study', () => {
  test('is deterministic by a batch of eight, or of as many as it says', () => {
    expect(tuneOf('deterministic: true').deterministic).toEqual({ batch: 8 });
    expect(tuneOf('deterministic: { batch: 3 }').deterministic).toEqual({ batch: 3 });
    expect(tuneOf('deterministic: false').deterministic).toBeUndefined();
  });

  test('is read again with what stops it', () => {
    const spec = readSpec(withTune('stop: { time: 10m, patience: 5 }'), 'a.yaml');
    expect(readSpec(JSON.stringify(spec), 'stored.json')).toEqual(spec);
  });
});

test.each([
  ['scheduler: medain', 'tune.scheduler'],
  ['scheduler: { kind: hyperband, min: 9, max: 3 }', 'min must not exceed max (given: min 9, max 3)'],
  [
    'scheduler: { kind: median, max: 10, warmup: 11 }',
    'warmup must not exceed max (given: warmup 11, max 10)',
  ],
  [
    'scheduler: { kind: patience, max: 10, interval: 11 }',
    'interval must not exceed max (given: interval 11, max 10)',
  ],
  [
    'scheduler: { kind: median, max: 1000, interval: 5 }',
    'from 0 to 1000 by 5 it would be 200 times; use an interval of 10 or more',
  ],
  ['scheduler: { kind: percentile, percentile: 0 }', 'tune.scheduler.percentile'],
  ['stop: { time: 10 }', 'tune.stop.time'],
  ['stop: { time: 10min }', 'tune.stop.time: write a time as 30s, 10m or 2h'],
  ['stop: { time: 0s }', 'a study needs some time'],
  ['stop: { min_delta: 0.1 }', 'give patience too'],
  ['stop: { failures: 0 }', 'tune.stop.failures'],
  ['deterministic: { batch: 0 }', 'tune.deterministic.batch'],
  ['metric: [auc, log_loss]\n  stop: { target: 0.9 }', 'target goes by one objective'],
  ['metric: [auc, log_loss]\n  stop: { patience: 9 }', 'patience goes by one objective'],
  ['metric: [auc, log_loss]\n  scheduler: median', 'median stops trials by one objective'],
  ['deterministic: true\n  stop: { time: 1h }', 'how far a study comes in 1h is never the same twice'],
])('%s is refused', (line, message) => {
  expect(refusal(withTune(line))).toContain(message);
});
