import { expect, test } from 'vitest';
import { Prediction } from '../../../core/contracts/records.ts';
import type { Task } from '../../../core/contracts/task.ts';
import { tallyOf } from '../../../core/metrics/tally.ts';
import { modelPart } from '../../../core/report/model-part.ts';

const digest = 'a'.repeat(64);
const prediction = Prediction.parse({
  ...{ prediction: 'p-000000000000', model: digest, format: 'parquet', fields: [], partitionBy: null },
  input: { kind: 'dataset', dataset: 'd-000000000000', side: 'test' },
  ...{ rows: 4, predicted: 4, rejected: 0, parts: [], rejects: [], reasons: [], places: [], scores: [] },
  ...{ experiment: 'e', modelName: 'm', startedAt: 0, committedAt: 1 },
});
const read = (task: Task, predictions: readonly number[], labels: readonly number[]) =>
  modelPart({
    ...{ prediction, task, card: null, evaluation: null },
    tally: tallyOf(
      task,
      { predictions: Float32Array.from(predictions), labels: Float64Array.from(labels) },
      true,
    ),
  });

test('of two classes: curves of the second, and who was taken for whom', () => {
  const part = read({ kind: 'binary', classes: ['no', 'yes'] }, [0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]);
  expect(part).toMatchObject({
    ...{ model: digest, rows: 'the test side of d-000000000000', champion: null, importance: [], errors: [] },
    confusion: [
      [2, 0],
      [1, 1],
    ],
    metrics: { auc: 0.75, accuracy: 0.75, recall: 0.5 },
  });
  expect(part.ranking.map(({ name }) => name)).toEqual(['yes']);
  expect(part.ranking[0]!.roc.at(-1)).toEqual([1, 1]);
  // Four bins of one row each; that of 0.35 is positive.
  expect(part.calibration.map(([, actual, weight]) => [actual, weight])).toEqual([
    [0, 1],
    [1, 1],
    [0, 1],
    [1, 1],
  ]);
});

test('of three classes: a curve each against the rest', () => {
  const rows = [0.7, 0.2, 0.1, 0.1, 0.8, 0.1, 0.5, 0.2, 0.3];
  const part = read({ kind: 'multiclass', classes: ['a', 'b', 'c'] }, rows, [0, 1, 2]);
  expect(part.ranking.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(part.confusion).toEqual([
    [1, 0, 0],
    [0, 1, 0],
    [1, 0, 0],
  ]);
});

test('of a quantity: how errors are spread, and no curve', () => {
  const part = read({ kind: 'regression' }, [1, 2], [2, 2]);
  expect(part).toMatchObject({ ranking: [], confusion: null, classes: [], metrics: { mae: 0.5 } });
  expect(part.errors.reduce((sum, { weight }) => sum + weight, 0)).toBe(2);
  expect(part.calibration).toEqual([
    [1, 2, 1],
    [2, 2, 1],
  ]);
});

test('what it was compared with, and which inputs matter', () => {
  const task: Task = { kind: 'binary', classes: [0, 1] };
  const part = modelPart({
    ...{ prediction, task },
    tally: tallyOf(
      task,
      { predictions: new Float32Array([0.2, 0.9]), labels: new Float64Array([0, 1]) },
      true,
    ),
    card: {
      ...{ digest, size: 2000, trained: null, features: null, task, inputs: [], outputs: [], fields: [] },
      ...{ example: [], expected: [] },
      importance: [
        { feature: 'x', gain: 3, split: 1 },
        { feature: 'y', gain: 1, split: 9 },
      ],
    },
    evaluation: {
      ...{ evaluation: 'e-000000000000', modelName: 'm', metric: 'auc', direction: 'maximize' },
      candidate: { model: digest, prediction: prediction.prediction, metrics: { auc: 1 } },
      champion: { model: 'b'.repeat(64), prediction: 'q-000000000000', metrics: { auc: 0.5 } },
      ...{ championKnown: true, target: { kind: 'column', column: 'y' }, alias: 'champion', margin: 0 },
      ...{ experiment: 'e', at: 1 },
    },
  });
  expect(part.champion).toEqual({ model: 'b'.repeat(64), metrics: { auc: 0.5 } });
  expect(part.importance).toEqual([
    { parameter: 'x', share: 0.75 },
    { parameter: 'y', share: 0.25 },
  ]);
});
