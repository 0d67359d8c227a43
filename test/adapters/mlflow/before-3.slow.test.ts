import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectMlflow } from '../../../adapters/mlflow/client.ts';
import { mlflowTracker } from '../../../adapters/mlflow/tracker.ts';
import { championOf, downloadModel, downloadProfile } from '../../../core/tracking/registry.ts';
import type { MlflowServer } from '../../../local/mlflow-server.ts';
import { type Pipeline, pipelineOf, recordPipeline } from '../../support/mlflow-pipeline.ts';
import { mlflow2Path, startMlflow2 } from '../../support/mlflow-servers.ts';
import * as examples from '../../support/tracking-examples.ts';
import { wholeRecord } from '../../support/whole-record.ts';

let folder = '';
let server: MlflowServer;
let given: Pipeline;

/** With the packages of MLflow 2.22. */
async function python(script: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, MLFLOW_TRACKING_URI: server.uri, PYTHONPATH: mlflow2Path };
  const run = promisify(execFile);
  return (await run(resolve('.venv/bin/python'), [join('test/adapters/mlflow', script), ...args], { env }))
    .stdout;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-mlflow2-'));
  server = await startMlflow2(folder);
  const file = join(folder, 'model.onnx');
  await python('make_model.py', [file]);
  given = pipelineOf('before', new Uint8Array(await readFile(file)));
});

afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

it('holds one of everything after everything was recorded twice', async () => {
  expect(await (await fetch(`${server.uri}/version`)).text()).toMatch(/^2\.22\./);
  const tracker = mlflowTracker(connectMlflow({ uri: server.uri }));
  const first = await recordPipeline(tracker, given);
  expect(first.registered).toEqual({ name: 'before', version: '1' });
  expect(first.evaluated).toEqual({ decision: 'promoted', version: '1' });
  const before = await wholeRecord(server.uri, 'before');
  await recordPipeline(tracker, given);
  expect(await wholeRecord(server.uri, 'before')).toEqual(before);
  expect((before as { readonly runs: unknown[] }).runs).toHaveLength(7);
});

it('gives back the model and what it was trained on, from the artifacts of the best trial', async () => {
  const tracker = mlflowTracker(connectMlflow({ uri: server.uri }));
  const { bytes, columns } = await downloadModel(tracker, 'before', 'champion');
  expect([bytes, columns]).toEqual([given.model, ['distance', 'hour', 'origin']]);
  const champion = await championOf(tracker, 'before', 'champion');
  expect(champion?.source).toMatch(new RegExp(`/artifacts/model-${given.digest.slice(0, 12)}$`));
  expect(await downloadProfile(tracker, champion!)).toEqual(examples.profile);
});

it('serves the model to the Python of its own version, which predicts what the file says', async () => {
  const stdout = await python('predict.py', ['models:/before@champion']);
  const answer = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  // sigmoid(0.1005 + 3 - 1)
  expect(answer.plain.probability[0]).toBeCloseTo(1 / (1 + Math.exp(-2.1005)), 6);
  expect(answer.inputs).toEqual([
    ['distance', 'double'],
    ['hour', 'long'],
    ['origin', 'string'],
  ]);
  expect(answer.onnx).toEqual(['distance', 'hour', 'origin']);
});
