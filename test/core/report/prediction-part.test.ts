import { expect, test } from 'vitest';
import type { DriftRecord } from '../../../core/contracts/drift.ts';
import { PredictReceipt } from '../../../core/contracts/job.ts';
import { Prediction } from '../../../core/contracts/records.ts';
import { predictionPart } from '../../../core/report/prediction-part.ts';

const digest = 'a'.repeat(64);
const part = (key: string, bytes: number) => ({
  ...{ key, rows: 2, bytes, sha256: digest },
  from: { file: 'f', row: 0 },
});
const prediction = Prediction.parse({
  ...{ prediction: 'p-000000000000', model: digest, format: 'csv', partitionBy: null },
  fields: [{ name: 'id', type: 'string' }],
  input: { kind: 'table', table: 's3://b/t.csv' },
  ...{ rows: 5, predicted: 4, rejected: 1, parts: [part('a', 10), part('b', 7)], rejects: [], places: [] },
  ...{ scores: [], experiment: 'e', modelName: null, startedAt: 1000, committedAt: 9000 },
  reasons: [
    { column: 'x', reason: '… is no number', rows: 1, example: { file: 'f', row: 3, reason: 'far' } },
  ],
  drift: {
    ...{ kind: 'compared', level: 'major', columns: 2, moderate: 0, major: 1, worst: [], scores: [] },
    ...{ rows: 4, file: { key: 'd', rows: 4, bytes: 1, sha256: digest } },
  },
});
const receipt = (shard: number, work: PredictReceipt['work']) =>
  PredictReceipt.parse({
    ...{ shard, rows: 2, predicted: 2, rejected: 0, fields: null },
    ...{ parts: [], rejects: [], places: [], scores: [], work },
  });
const column = (name: string, psi: number): DriftRecord['columns'][number] => ({
  ...{ name, psi, level: psi > 0.25 ? ('major' as const) : ('stable' as const), noise: 0.01, unseen: null },
  ...{ missing: { expected: 0, actual: 0 }, bins: [] },
});
const drift: DriftRecord = {
  ...{ prediction: prediction.prediction, model: digest, rows: 4, scores: [] },
  trained: { dataset: 'd-000000000000', profile: digest },
  columns: [column('x', 0.01), column('y', 0.7)],
  own: { rows: 4, columns: [], scores: [] },
};
const reject = { file: 'f', row: 3, column: 'x', reason: '"far" is no number', raw: 'far,'.repeat(100) };
const read = {
  ...{ prediction, drift, rejects: [reject] },
  receipts: [
    receipt(0, [
      { startedAt: 2000, at: 3000, rows: 1 },
      { startedAt: 3000, at: 3500, rows: 1 },
    ]),
    receipt(1, [{ startedAt: 2500, at: 8000, rows: 3 }]),
  ],
};

test('when each piece was worked on, since the job began', () => {
  expect(predictionPart(read)).toMatchObject({
    ...{ rows: 5, predicted: 4, rejected: 1, began: 1000, took: 8000, bytes: 17 },
    spans: [
      { shard: 0, from: 1000, to: 2000, rows: 1 },
      { shard: 0, from: 2000, to: 2500, rows: 1 },
      { shard: 1, from: 1500, to: 7000, rows: 3 },
    ],
  });
});

test('the columns that are furthest from training come first', () => {
  const { drift: found } = predictionPart(read);
  expect(found).toMatchObject({ kind: 'compared', level: 'major', trained: 'd-000000000000', of: 2 });
  expect(found.kind === 'compared' && found.columns.map(({ name }) => name)).toEqual(['y', 'x']);
});

test('a reject keeps the beginning of its text', () => {
  const [shown] = predictionPart(read).rejects;
  expect(shown!.raw).toBe(`${'far,'.repeat(75)} …`);
});

test('receipts of before tell no times, and a drift that is not known says why', () => {
  const before = PredictReceipt.parse({
    ...{ shard: 0, rows: 2, predicted: 2, rejected: 0, fields: null },
    ...{ parts: [], rejects: [], places: [], scores: [] },
  });
  const unknown = { kind: 'unknown', reason: 'the model has no profile', file: null } as const;
  const made = predictionPart({
    ...{ prediction: { ...prediction, drift: unknown }, receipts: [before], drift: null, rejects: [] },
  });
  expect(made).toMatchObject({ spans: [], drift: { kind: 'unknown', reason: 'the model has no profile' } });
});
