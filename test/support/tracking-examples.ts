import type { Conclusion } from '../../core/contracts/conclusion.ts';
import type { Dataset, Evaluation, Prediction } from '../../core/contracts/records.ts';
import type { ModelCard, Study, Trial } from '../../core/contracts/study.ts';
import { encodeJson } from '../../core/store.ts';

/** A small study with one trial of each end, and what came of it. Times are milliseconds since 1970. */
const start = 1_795_000_000_000;
export const digest = 'ab'.repeat(32);

export const study: Study = {
  study: 'delay-0123456789ab',
  dataset: 'flights-ba9876543210',
  trainable: 'gbdt',
  resource: 'rounds',
  metric: 'auc',
  direction: 'maximize',
  metrics: ['auc'],
  trials: 4,
  budget: 0,
  seed: 7,
  space: {
    learning_rate: { kind: 'float', low: 0.01, high: 0.3, log: true },
    leaves: { kind: 'int', low: 8, high: 255, log: false },
    booster: { kind: 'choice', options: ['plain', 'dart'] },
  },
  sampler: { kind: 'random' },
  scheduler: { kind: 'asha', eta: 3, rungs: [9, 27] },
  inputs: ['distance', 'hour', 'origin'],
  target: { kind: 'above', column: 'delay', above: 15 },
  task: { kind: 'binary', classes: [0, 1] },
  weight: null,
  sample: null,
  model: 'flight-delay',
  experiment: 'flights',
  createdAt: start,
};

export const dataset: Dataset = {
  dataset: 'flights-ba9876543210',
  table: 'file:///data/flights.parquet',
  sources: [{ name: 'flights.parquet', size: 100, etag: 'e' }],
  fields: [
    { name: 'distance', type: 'float' },
    { name: 'hour', type: 'integer' },
    { name: 'origin', type: 'string' },
    { name: 'delay', type: 'float' },
  ],
  features: null,
  mapped: null,
  folds: null,
  seed: 7,
  rows: { train: 70, validation: 15, test: 15 },
  partitions: { train: [], validation: [], test: [] },
  committedAt: start - 1000,
};

/** A rung of 9 or 27 rounds with reports on the way; the last of them is at the resource, as trainers give them. */
function rung(number: 0 | 1, value: number): Trial['rungs'][number] {
  const [from, to] = number === 0 ? [0, 9] : [9, 27];
  const steps = [from + 3, from + 6, to];
  return {
    rung: number,
    outcome: {
      value,
      metrics: { auc: value },
      resource: to,
      reports: steps.map((step) => ({ step, value: value - (to - step) / 100 })),
      model: { digest, key: 'models/x.onnx', size: 10 },
      seconds: 1,
    },
    startedAt: start + number * 1000,
    at: start + number * 1000 + 500,
  };
}

const params = { learning_rate: 0.1, leaves: 31, booster: 'plain' };

export const trials: readonly Trial[] = [
  { number: 0, params, state: 'complete', rungs: [rung(0, 0.7), rung(1, 0.8)], startedAt: start },
  { number: 1, params: { ...params, leaves: 8 }, state: 'pruned', rungs: [rung(0, 0.6)], startedAt: start },
  {
    number: 2,
    params: { ...params, booster: 'dart' },
    state: 'failed',
    rungs: [],
    failure: { error: 'TrainableFailed', cause: 'the loss became NaN', at: start + 300 },
    startedAt: start,
  },
  {
    number: 3,
    params: { ...params, leaves: 64 },
    state: 'complete',
    rungs: [rung(0, 0.65), rung(1, 0.75)],
    startedAt: start,
  },
];

export const conclusion: Conclusion = {
  study: study.study,
  claims: 9,
  best: { trial: 0, params, value: 0.8, metrics: { auc: 0.8 }, resource: 27, model: digest },
  trials: { total: 4, complete: 2, pruned: 1, failed: 1 },
  startedAt: start,
  endedAt: start + 5000,
};

export const card: ModelCard = {
  digest,
  size: 10,
  trained: { dataset: dataset.dataset, profile: 'cd'.repeat(32) },
  features: null,
  task: { kind: 'binary', classes: [0, 1] },
  fields: [],
  inputs: [
    { name: 'distance', type: 'float32' },
    { name: 'hour', type: 'int64' },
    { name: 'origin', type: 'string' },
  ],
  outputs: [
    { name: 'probability', type: 'float32' },
    { name: 'label', type: 'int64' },
  ],
  importance: [
    { feature: 'hour', gain: 12.5, split: 3 },
    { feature: 'distance', gain: 4, split: 1 },
    { feature: 'origin', gain: 0, split: 0 },
  ],
  example: [
    { distance: 100.5, hour: 3, origin: 'ABQ' },
    { distance: null, hour: 14, origin: 'SFO' },
  ],
  expected: [
    { probability: 0.25, label: 0 },
    { probability: 0.75, label: 1 },
  ],
};

/** What the model was trained on, as it lies beside it. */
export const profile: Uint8Array = encodeJson({
  ...card.trained,
  columns: [
    {
      ...{ kind: 'numbers', name: 'distance', min: 31, max: 4962, single: false },
      ...{ edges: [420, 900], counts: [30, 25, 15], infinite: 0, missing: 0 },
    },
  ],
  scores: [],
});

export const prediction: Prediction = {
  prediction: 'delay-aaaaaaaaaaaa',
  model: digest,
  input: { kind: 'dataset', dataset: dataset.dataset, side: 'test' },
  format: 'parquet',
  rows: 15,
  predicted: 14,
  rejected: 1,
  parts: [],
  rejects: [],
  reasons: [],
  places: [],
  fields: [],
  partitionBy: null,
  task: { kind: 'binary', classes: [0, 1] },
  scores: [],
  drift: { kind: 'unknown', reason: 'the model has no training profile', file: null },
  experiment: 'flights',
  modelName: 'flight-delay',
  startedAt: start + 6000,
  committedAt: start + 8500,
};

export const evaluation: Evaluation = {
  evaluation: 'delay-eeeeeeeeeeee',
  modelName: 'flight-delay',
  metric: 'auc',
  direction: 'maximize',
  candidate: { model: digest, prediction: prediction.prediction, metrics: { auc: 0.79, log_loss: 0.4 } },
  champion: null,
  championKnown: true,
  target: study.target,
  alias: 'champion',
  margin: 0.001,
  experiment: 'flights',
  at: start + 9000,
};
