import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectMlflow } from '../../../adapters/mlflow/client.ts';
import { mlflowTracker } from '../../../adapters/mlflow/tracker.ts';
import type { ModelCard } from '../../../core/contracts/study.ts';
import type { Task } from '../../../core/contracts/task.ts';
import { GraphBuilder } from '../../../core/onnx/graph.ts';
import { producer } from '../../../core/onnx/producer.ts';
import { recordStudy } from '../../../core/tracking/record-study.ts';
import { championOf, downloadModel, resolveModel } from '../../../core/tracking/registry.ts';
import { addOutputs, modelMetadata } from '../../../core/training/outputs.ts';
import { type MlflowServer, startMlflow } from '../../../local/mlflow-server.ts';
import { type Pipeline, pipelineOf, recordPipeline } from '../../support/mlflow-pipeline.ts';
import * as examples from '../../support/tracking-examples.ts';

const exec = promisify(execFile);
const venv = resolve('.venv');
const python = async (script: string, args: readonly string[]) =>
  await exec(join(venv, 'bin', 'python'), [join('test/adapters/mlflow', script), ...args], {
    env: { ...process.env, MLFLOW_TRACKING_URI: server.uri, MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: 'false' },
  });

let folder = '';
let server: MlflowServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-mlflow-'));
  server = await startMlflow({ venv, folder });
});

afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

async function pipeline(name: string, kind: readonly string[]) {
  const file = join(folder, `${name}.onnx`);
  await python('make_model.py', [file, ...kind]);
  return pipelineOf(name, new Uint8Array(await readFile(file)));
}

async function record(given: Pipeline) {
  const tracker = mlflowTracker(connectMlflow({ uri: server.uri }));
  return { tracker, ...(await recordPipeline(tracker, given)) };
}

/** All that the server holds of an experiment, asked for without our client. */
async function everything(experimentId: string, name: string): Promise<Record<string, unknown>> {
  const post = async (path: string, body: unknown) =>
    (
      await fetch(`${server.uri}/api/2.0/mlflow/${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      })
    ).json();
  const get = async (path: string) => (await fetch(`${server.uri}/api/2.0/mlflow/${path}`)).json();
  const { runs } = (await post('runs/search', { experiment_ids: [experimentId], max_results: 1000 })) as {
    runs: { info: { run_id: string } }[];
  };
  const ids = runs.map(({ info }) => info.run_id).toSorted();
  return {
    runs: await Promise.all(ids.map((id) => get(`runs/get?run_id=${id}`))),
    history: await Promise.all(ids.map((id) => get(`metrics/get-history?run_id=${id}&metric_key=auc`))),
    models: await post('logged-models/search', { experiment_ids: [experimentId] }),
    registered: await get(`registered-models/get?name=${name}`),
    versions: await get(`model-versions/search?filter=${encodeURIComponent(`name='${name}'`)}`),
  };
}

describe('an MLflow server', () => {
  it('holds one of everything after everything was recorded twice', async () => {
    const given = await pipeline('twice', []);
    const first = await record(given);
    const before = await everything(first.runs.experimentId, 'twice');
    const second = await record(given);
    expect(await everything(first.runs.experimentId, 'twice')).toEqual(before);
    // The parent is given as it was found.
    const told = ({ tracker: _, ...all }: typeof first) => ({ ...all, runs: { ...all.runs, parent: null } });
    expect(told(second)).toEqual(told(first));
    expect(before.runs).toHaveLength(7);
    expect(first.registered).toEqual({ name: 'twice', version: '1' });
    expect(first.evaluated).toEqual({ decision: 'promoted', version: '1' });
  });

  it('shows the trials with their ends and the metric by step', async () => {
    const { runs } = await record(await pipeline('shown', []));
    const { runs: all, history } = await everything(runs.experimentId, 'shown');
    const told = (all as { run: { info: { run_name: string; status: string } } }[]).map(
      ({ run }) => run.info,
    );
    const statuses = Object.fromEntries(told.map(({ run_name, status }) => [run_name, status]));
    expect(statuses).toMatchObject({ 'trial-0': 'FINISHED', 'trial-1': 'KILLED', 'trial-2': 'FAILED' });
    const at = told.findIndex(({ run_name }) => run_name === 'trial-0');
    const { metrics } = (history as { metrics: { step: number }[] }[])[at] ?? { metrics: [] };
    expect(metrics.map(({ step }) => step)).toEqual([3, 6, 9, 12, 15, 27]);
  });

  it('serves the model to Python, which predicts what the file says', async () => {
    await record(await pipeline('served', []));
    const { stdout } = await python('predict.py', ['models:/served@challenger']);
    const answer = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    // sigmoid(0.1005 + 3 - 1); a missing distance makes the second row NaN, which is above nothing.
    expect(answer.example.probability[0]).toBeCloseTo(1 / (1 + Math.exp(-2.1005)), 6);
    expect(answer.example.probability[1]).toBeNull();
    expect(answer.example.label).toEqual([1, 0]);
    expect(answer.plain.probability[0]).toBeCloseTo(1 / (1 + Math.exp(-2.1005)), 6);
    expect(answer.index).toEqual(['r0', 'r1']);
    expect(answer.inputs).toEqual([
      ['distance', 'double'],
      ['hour', 'long'],
      ['origin', 'string'],
    ]);
    expect(answer.outputs).toEqual([
      ['probability', 'float'],
      ['label', 'long'],
    ]);
    expect(answer.onnx).toEqual(['distance', 'hour', 'origin']);
  });

  it('serves a model that answers its golden rows, and none that does not', async () => {
    const fields = [
      { name: 'distance', type: 'float' },
      { name: 'hour', type: 'integer' },
      { name: 'origin', type: 'string' },
    ] as const;
    const example = [
      { distance: 100.5, hour: 3, origin: 'ABQ' },
      { distance: 100.5, hour: 3, origin: null },
    ];
    // sigmoid(0.1005 + 3 - 1), and of an origin that is none of its own sigmoid(0.1005 + 3).
    const expected = [2.1005, 3.1005].map((sum) => ({ probability: 1 / (1 + Math.exp(-sum)), label: 1 }));
    const good = await pipeline('golden', []);
    await record({ ...good, card: { ...good.card, fields, example, expected } });
    const { stdout } = await python('predict.py', ['models:/golden@challenger']);
    const { plain } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(plain.probability[1]).toBeCloseTo(expected[1]!.probability, 6);

    const bad = await pipeline('changed', []);
    const other = [expected[0]!, { probability: 0.5, label: 1 }];
    await record({ ...bad, card: { ...bad.card, fields, example, expected: other } });
    await expect(python('predict.py', ['models:/changed@challenger'])).rejects.toMatchObject({
      stderr: expect.stringMatching(
        /ValueError: this model does not predict here .* row 1 of .*golden_rows\.json, output 'probability': expected 0\.5, got 0\.95\d+ \(allowed: 1e-05 apart\)/,
      ),
    });
  });

  it('serves a model with a single input of texts, a missing one being empty', async () => {
    const given = await pipeline('single', ['one-input']);
    const inputs = given.card.inputs.slice(2);
    const example = [{ origin: 'ABQ' }, { origin: null }];
    await record({ ...given, card: { ...given.card, inputs, example } });
    const { stdout } = await python('predict.py', ['models:/single@champion']);
    const { example: answer } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(answer.probability[0]).toBeCloseTo(1 / (1 + Math.exp(1)), 6);
    expect(answer.probability[1]).toBeCloseTo(0.5, 6);
  });

  it('serves a model of several classes with a column of each one’s probability', async () => {
    const given = await pipeline('classes', []);
    const target = { kind: 'column', column: 'means' } as const;
    const task = { kind: 'multiclass', classes: ['bus', 'foot', 'train'] } satisfies Task;
    const graph = new GraphBuilder();
    const distance = graph.cast(graph.input('distance', 'float'), 'float');
    const one = graph.constant({ type: 'int64', values: BigInt64Array.of(1n) });
    const column = graph.node('Unsqueeze', [distance, one]);
    const slopes = graph.constant({ type: 'float', values: Float32Array.of(0, -1, 1), dims: [1, 3] });
    addOutputs(graph, task, { score: graph.node('MatMul', [column, slopes]) });
    const model = new Uint8Array(graph.finish(producer, modelMetadata('test', target, task)));
    const digest = createHash('sha256').update(model).digest('hex');
    const card: ModelCard = {
      ...{ ...given.card, digest, size: model.length, task, example: [{ distance: 1 }, { distance: -2 }] },
      inputs: [{ name: 'distance', type: 'float32' }],
      outputs: [
        { name: 'probability', type: 'float32' },
        { name: 'label', type: 'string' },
      ],
    };
    const best = { ...given.conclusion.best, model: digest };
    const candidate = { ...given.evaluation.candidate, model: digest };
    await record({
      ...{ ...given, model, digest, card, conclusion: { ...given.conclusion, best } },
      prediction: { ...given.prediction, model: digest },
      evaluation: { ...given.evaluation, candidate },
    });
    const { stdout } = await python('predict.py', ['models:/classes@champion']);
    const answer = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    const whole = (x: number) => 1 + Math.exp(x) + Math.exp(-x);
    for (const [name, slope] of [
      ['bus', 0],
      ['foot', -1],
      ['train', 1],
    ] as const) {
      expect(answer.example[`probability_${name}`][0]).toBeCloseTo(Math.exp(slope) / whole(1), 6);
      expect(answer.example[`probability_${name}`][1]).toBeCloseTo(Math.exp(-2 * slope) / whole(2), 6);
    }
    expect(answer.example.label).toEqual(['train', 'foot']);
    expect(answer.outputs).toEqual([
      ['probability_bus', 'float'],
      ['probability_foot', 'float'],
      ['probability_train', 'float'],
      ['label', 'string'],
    ]);
  });

  it('gives back the file, by version and by alias, and names what there is when asked for another', async () => {
    const given = await pipeline('found', []);
    const { tracker } = await record(given);
    for (const version of ['1', 'champion', 'challenger']) {
      const { bytes, digest } = await downloadModel(tracker, 'found', version);
      expect([bytes, digest]).toEqual([given.model, given.digest]);
    }
    expect(await championOf(tracker, 'found', 'champion')).toMatchObject({
      version: '1',
      digest: given.digest,
    });
    expect(await championOf(tracker, 'found', 'other')).toBeUndefined();
    expect(await championOf(tracker, 'nothing', 'champion')).toBeUndefined();
    await expect(resolveModel(tracker, 'models:/found@best')).rejects.toMatchObject({
      name: 'MissingInput',
      message:
        'models:/found@best: there is no such version of found. There are: versions 1; aliases @challenger (version 1), @champion (version 1)',
    });
  });

  it('logs 30 trials once, and then reads them with one search', async () => {
    const [first] = examples.trials;
    const trials = Array.from(
      { length: 30 },
      (_, number) => ({ ...first, number }) as (typeof examples.trials)[number],
    );
    const study = { ...examples.study, study: 'many-0123456789ab', experiment: 'many', trials: 30 };
    const tracker = mlflowTracker(connectMlflow({ uri: server.uri }));
    const { trialRuns } = await recordStudy(tracker, {
      study,
      trials,
      dataset: undefined,
      conclusion: undefined,
    });
    expect(new Set(Object.values(trialRuns)).size).toBe(30);
    const again = await recordStudy(tracker, { study, trials, dataset: undefined, conclusion: undefined });
    expect(again.trialRuns).toEqual(trialRuns);
  });

  it('keeps one of two runs that are the same trial', async () => {
    const study = { ...examples.study, study: 'double-0123456789ab', experiment: 'double' };
    const records = { study, trials: examples.trials, dataset: undefined, conclusion: undefined };
    const tracker = mlflowTracker(connectMlflow({ uri: server.uri }));
    const { experimentId } = await recordStudy(tracker, records);
    const find = () => tracker.searchRuns(experimentId, { 'fanfare.study': study.study });
    const once = await find();
    const trial = once.find(({ tags }) => tags['fanfare.trial'] === `${study.study}/1`)!;
    await tracker.createRun({ experimentId, name: 'trial-1', startedAt: study.createdAt, tags: trial.tags });
    expect(await find()).toHaveLength(once.length + 1);
    await recordStudy(tracker, records);
    expect(await find()).toHaveLength(once.length);
  });
});
