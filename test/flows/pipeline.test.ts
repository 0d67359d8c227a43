import { expect, test } from 'vitest';
import { FlowFailed } from '../../local/interpreter/errors.ts';
import { field, runScripted, throwing, thrown } from '../support/scripted-flows.ts';
import { toldOf } from '../support/told.ts';

test('a failure within a nested flow is a FlowFailed, and a person is told its innermost error', async () => {
  const ran = await runScripted('pipeline', () => ({
    'plan-split': throwing('MissingInput', 'there is no file flights.parquet'),
  }));
  expect(ran.failure).toBeInstanceOf(FlowFailed);
  expect(ran.failure).toMatchObject({ error: 'FlowFailed' });
  expect(toldOf(ran.failure)).toBe('fanfare: MissingInput: there is no file flights.parquet');
  expect(ran.calls('prepare-study')).toEqual([]);
});

test('a study of which every trial failed fails the pipeline before anything is predicted', async () => {
  const ran = await runScripted('pipeline', () => ({
    train: throwing('TrainableFailed', 'diverged'),
    'conclude-study': throwing('StudyFailed', '3 of 3 trials failed'),
  }));
  expect(toldOf(ran.failure)).toBe('fanfare: StudyFailed: 3 of 3 trials failed');
  expect(ran.calls('aggregate resolve')).toEqual([]);
});

test('a study whose winner has no model fails the pipeline before anything is predicted, and says why', async () => {
  const ran = await runScripted('pipeline', (usual) => ({
    async 'conclude-study'(payload, world, signal) {
      const concluded = await usual['conclude-study']!(payload, world, signal);
      return { ...Object(concluded), model: null };
    },
  }));
  expect(toldOf(ran.failure)).toMatch(
    /^fanfare: StudyFailed: the study is done, but the best trial has no model to predict with/,
  );
  expect(ran.calls('aggregate model')).toHaveLength(1);
  expect(ran.calls('aggregate resolve')).toEqual([]);
});

test('a champion that cannot be predicted decides nothing: the winner is evaluated alone', async () => {
  const ran = await runScripted('pipeline', (usual) => ({
    'predict-shard'(payload, world, signal) {
      if (field(payload, 'execution') === 'champions-run-1') throw thrown('MissingInput', 'no column price');
      return usual['predict-shard']!(payload, world, signal);
    },
    'commit-prediction'(payload, world, signal) {
      if (field(payload, 'execution') === 'champions-run-1') throw thrown('MissingInput', 'no column price');
      return usual['commit-prediction']!(payload, world, signal);
    },
  }));
  expect(ran.failure).toBeUndefined();
  expect(ran.calls('lose-shard')).toHaveLength(2);
  expect(ran.caught).toContain('pipeline PredictChampion > Unknown');
  expect(ran.calls('evaluate')).toEqual([
    { spec: 'the-spec', candidate: 'p', champion: null, championKnown: false },
  ]);
});

test('a promotion that stays pending does not fail the pipeline', async () => {
  const ran = await runScripted('pipeline', () => ({
    'aggregate evaluation': () => ({ recorded: false, reason: 'no MLflow server is named' }),
  }));
  expect(ran.output).toMatchObject({ promotion: { recorded: false } });
});
