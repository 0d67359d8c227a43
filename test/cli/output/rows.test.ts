import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../../cli/output/rows.ts';
import type { ImportanceShare } from '../../../core/contracts/study.ts';
import type { PredictDocument, TuneDocument } from '../../../library/documents.ts';

type Drift = PredictDocument['predict']['drift'];
type Compared = Extract<Drift, { kind: 'compared' }>;

const file = {
  key: 'predictions/late-0123456789ab/drift.json',
  rows: 100,
  bytes: 10,
  sha256: 'a'.repeat(64),
};
const judged = (name: string, psi: number) =>
  ({ name, psi, level: psi < 0.1 ? 'stable' : psi < 0.25 ? 'moderate' : 'major' }) as const;
const compared = (change: Partial<Compared>): Compared => ({
  ...{ kind: 'compared', level: 'stable', columns: 28, moderate: 0, major: 0, rows: 100, file },
  ...{ worst: [judged('day', 0.02)], scores: [judged('probability', 0.01)] },
  ...change,
});

const said = (drift: Drift) => {
  const predict = { prediction: 'late-0123456789ab', rows: 100, predicted: 100, rejected: 0, drift };
  const document: PredictDocument = {
    ...{ command: 'predict', predict, seconds: {}, peaks: {}, store: 'store', files: {} },
    mlflow: { uri: null, waiting: 0 },
  };
  return rowsOf(document).filter(([name]) => name === 'drift');
};

describe('what a command says of drift', () => {
  it('is nothing while nothing is major, and where nothing could be compared', () => {
    expect(said(compared({}))).toEqual([]);
    expect(said(compared({ level: 'moderate', moderate: 1, worst: [judged('day', 0.2)] }))).toEqual([]);
    expect(said({ kind: 'unknown', reason: 'the model has no training profile', file: null })).toEqual([]);
  });

  it('is which columns and scores are major, the worst first, and how many more', () => {
    const worst = [judged('distance', 0.412), judged('origin', 0.3349), judged('day', 0.2)];
    expect(said(compared({ level: 'major', major: 2, worst }))).toEqual([
      ['drift', 'major in 2 of 28 columns: distance 0.41, origin 0.33'],
    ]);
    expect(said(compared({ level: 'major', major: 5, worst }))).toEqual([
      ['drift', 'major in 5 of 28 columns: distance 0.41, origin 0.33, 3 more'],
    ]);
    expect(said(compared({ level: 'major', scores: [judged('probability', 0.26)] }))).toEqual([
      ['drift', 'major in the scores: probability 0.26'],
    ]);
  });
});

it('a study says its metric, and in a line those that its trials were told with besides', () => {
  const told = (metrics: Readonly<Record<string, number>>, importance?: readonly ImportanceShare[]) => {
    const document: TuneDocument = {
      ...{
        command: 'tune',
        seconds: {},
        peaks: {},
        store: 'store',
        files: {},
        mlflow: { uri: null, waiting: 0 },
      },
      ...{ split: { train: 70, validation: 15, test: 15 }, columns: [] },
      tune: {
        ...{ study: 'late-0123456789ab', trials: 1, complete: 1, pruned: 0, failed: 0 },
        ...{ metric: 'log_loss', resource: 'rounds', sampler: 'gp', sample: null },
        best: { trial: 0, params: {}, value: 0.5, metrics, resource: 10, model: null },
        ...(importance && { importance }),
      },
      registered: { name: null, version: null, alias: null },
    };
    const rows = rowsOf(document);
    expect(rows).toContainEqual(['sampler', 'gp']);
    const grid = { ...document.tune, sampler: 'grid', combinations: 1200 };
    expect(rowsOf({ ...document, tune: grid })).toContainEqual(['sampler', 'grid of 1,200 combinations']);
    const leftOut = [
      { why: 'it failed', trials: 2 },
      { why: 'leaves: not told', trials: 1 },
    ];
    const prior = [
      { study: 'early-0123456789ab', alike: true, trials: 1200, leftOut },
      { study: 'may-0123456789ab', alike: false, trials: 1, leftOut: [] },
    ];
    const warm = rowsOf({ ...document, tune: { ...document.tune, prior } });
    expect(warm).toContainEqual([
      'warm start',
      '1,200 trials of early-0123456789ab (2 left out: it failed; 1: leaves: not told)',
    ]);
    expect(warm).toContainEqual(['', '1 trial of may-0123456789ab']);
    const front = Array.from({ length: 12 }, (_, trial) => {
      const values = { log_loss: 0.5 + trial / 100, model_bytes: 12_345 - trial };
      return { trial, values, resource: 10, model: null };
    });
    const several = rowsOf({ ...document, tune: { ...document.tune, front } });
    expect(several).toContainEqual(['front', 'trial 0: log_loss 0.5000 · model_bytes 12,345']);
    expect(several).toContainEqual(['', 'trial 9: log_loss 0.5900 · model_bytes 12,336']);
    expect(several).toContainEqual(['', 'and 2 more']);
    return rows.slice(4, -1);
  };
  expect(told({ log_loss: 0.5 })).toEqual([['validation log_loss', '0.5000']]);
  expect(told({ log_loss: 0.5, accuracy: 0.71234, f1_macro: 0.6 })).toEqual([
    ['validation log_loss', '0.5000'],
    ['and', 'accuracy 0.7123 · f1_macro 0.6000'],
  ]);
  const shares = [
    { feature: 'distance', share: 0.8137 },
    { feature: 'hour', share: 0.18 },
  ];
  expect(told({ log_loss: 0.5 }, shares).at(-1)).toEqual(['importance', 'distance 81 % · hour 18 %']);
});
