import { expect, test } from 'vitest';
import { runScripted, surveyed } from '../support/scripted-flows.ts';

test('split plans, writes every shard once, and commits', async () => {
  const ran = await runScripted('split');
  expect(ran.output).toEqual({ dataset: 'd', rows: { train: 70, validation: 15, test: 15 } });
  expect(ran.calls('plan-split')).toEqual([{ spec: 'the-spec', execution: 'run-1' }]);
  expect(ran.calls('split-shard')).toEqual([
    { job: 'datasets/d/', shard: 0, execution: 'run-1' },
    { job: 'datasets/d/', shard: 1, execution: 'run-1' },
  ]);
  expect(ran.calls('commit-split')).toEqual([{ spec: 'the-spec', job: 'datasets/d/', execution: 'run-1' }]);
});

test('split surveys every shard and settles first what goes by the whole table', async () => {
  const ran = await runScripted('split', () => surveyed);
  expect(ran.output).toEqual({ dataset: 'd', rows: { train: 70, validation: 15, test: 15 } });
  const shards = [0, 1].map((shard) => ({ job: 'datasets/d/', shard, execution: 'run-1' }));
  expect(ran.calls('survey-shard')).toEqual(shards);
  expect(ran.calls('settle-split')).toEqual([{ job: 'datasets/d/', execution: 'run-1' }]);
  expect(ran.calls('split-shard')).toEqual(shards);
  expect(ran.calls('commit-split')).toEqual([{ spec: 'the-spec', job: 'datasets/d/', execution: 'run-1' }]);
  const names = ran.engine.calls.map(({ name }) => name);
  expect(names.indexOf('settle-split')).toBeGreaterThan(names.lastIndexOf('survey-shard'));
  expect(names.indexOf('settle-split')).toBeLessThan(names.indexOf('split-shard'));
});

test('map plans, maps every partition once, and commits', async () => {
  const ran = await runScripted('map');
  expect(ran.output).toEqual({ dataset: 'd', rows: { train: 70, validation: 15, test: 15 } });
  expect(ran.calls('plan-map')).toEqual([{ spec: 'the-spec', execution: 'run-1' }]);
  expect(ran.calls('map-shard')).toEqual([
    { job: 'datasets/d/', shard: 0, execution: 'run-1' },
    { job: 'datasets/d/', shard: 1, execution: 'run-1' },
  ]);
  expect(ran.calls('commit-split')).toEqual([{ spec: 'the-spec', job: 'datasets/d/', execution: 'run-1' }]);
});

test.each(['split', 'map'] as const)(
  '%s goes straight to the commit where the dataset is there already',
  async (flow) => {
    const planned = {
      spec: 's',
      job: 'datasets/d/',
      execution: 'run-1',
      shards: 'none.json',
      next: 'commit',
    };
    const ran = await runScripted(flow, () => ({ [`plan-${flow}`]: () => planned }));
    expect(ran.calls(`${flow}-shard`)).toEqual([]);
    expect(ran.calls('commit-split')).toHaveLength(1);
  },
);

test('tune has its lanes train and tell three trials, refits the best one, and registers it', async () => {
  const ran = await runScripted('tune');
  expect(ran.output).toEqual({
    ...{ next: 'register', study: 's', model: 'sha256:m1' },
    registered: { p: { recorded: true, version: '1' } },
  });
  expect(ran.calls('prepare-study')).toEqual([
    { spec: 'the-spec', dataset: 'the-dataset', lanes: 2, execution: 'run-1' },
  ]);
  const claims = [0, 1, 2].map((trial) => ({ study: 's', claim: `claim-${trial}` }));
  expect(ran.calls('train')).toEqual(claims);
  const outcome = { kind: 'reported', value: 0.7 };
  expect(ran.calls('tell reported')).toEqual(claims.map((claim) => ({ ...claim, outcome })));
  expect(ran.calls('finish-study')).toEqual([{ study: 's', execution: 'run-1', error: null }]);
  const concluding = { study: 's', execution: 'run-1' };
  expect(ran.calls('conclude-study')).toEqual([concluding, concluding]);
  const refitting = { study: 's', refit: { trial: 1, rung: 0 }, execution: 'run-1' };
  expect(ran.calls('train refit')).toEqual([refitting, refitting]);
});

test('tune concludes at once a study that was concluded', async () => {
  const ran = await runScripted('tune', () => ({
    'prepare-study': () => ({ study: 's', execution: 'run-1', next: 'conclude' }),
  }));
  expect(ran.calls('ask')).toEqual([]);
  expect(ran.calls('aggregate model')).toEqual([{ kind: 'model', study: 's' }]);
});

test('predict resolves the model, predicts every shard once, commits and records', async () => {
  const ran = await runScripted('predict');
  expect(ran.output).toEqual({
    ...{ prediction: 'p', rows: 15, predicted: 15, rejected: 0 },
    record: { p: { recorded: true } },
  });
  expect(ran.calls('plan-prediction')).toEqual([
    {
      ...{ spec: 'the-spec', dataset: 'the-dataset', execution: 'run-1' },
      model: { digest: 'm1', name: 'delay', features: null },
    },
  ]);
  expect(ran.calls('predict-shard')).toEqual([
    { job: 'predictions/p/', shard: 0, execution: 'run-1', shrinks: 0, died: null },
    { job: 'predictions/p/', shard: 1, execution: 'run-1', shrinks: 0, died: null },
  ]);
});

test('predict commits at once what has no shards', async () => {
  const planned = { job: 'predictions/p/', execution: 'run-1', shards: 'none.json', next: 'commit' };
  const ran = await runScripted('predict', () => ({ 'plan-prediction': () => planned }));
  expect(ran.calls('predict-shard')).toEqual([]);
  expect(ran.calls('commit-prediction')).toEqual([{ job: 'predictions/p/', execution: 'run-1' }]);
});

test('pipeline predicts with the winner by digest, and with the champion on the same rows', async () => {
  const ran = await runScripted('pipeline');
  expect(ran.output).toMatchObject({
    split: { dataset: 'd' },
    tune: { model: 'sha256:m1' },
    predict: { prediction: 'p' },
    evaluation: { evaluation: 'e' },
    promotion: { decision: 'moved' },
  });
  expect(ran.calls('aggregate resolve')).toEqual([
    { kind: 'resolve', spec: 'the-spec', model: 'sha256:m1' },
    { kind: 'resolve', spec: 'the-spec', model: 'sha256:m0' },
  ]);
  expect(ran.calls('plan-prediction')).toMatchObject([
    { dataset: 'd', execution: 'predict-run-1' },
    { dataset: 'd', execution: 'champions-run-1' },
  ]);
  expect(ran.calls('evaluate')).toEqual([
    { spec: 'the-spec', candidate: 'p', champion: 'p', championKnown: true },
  ]);
  expect(ran.calls('aggregate evaluation')).toEqual([{ kind: 'evaluation', evaluation: 'e' }]);
});

test.each([
  ['nobody holds the alias', true],
  ['MLflow cannot say who holds it', false],
])('pipeline evaluates the winner alone where %s', async (_, known) => {
  const ran = await runScripted('pipeline', () => ({
    'aggregate champion': () => ({ known, other: false, model: null }),
  }));
  expect(ran.calls('predict-shard')).toHaveLength(2);
  expect(ran.calls('evaluate')).toEqual([
    { spec: 'the-spec', candidate: 'p', champion: null, championKnown: known },
  ]);
});
