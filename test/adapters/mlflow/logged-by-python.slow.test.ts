import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectMlflow } from '../../../adapters/mlflow/client.ts';
import { mlflowTracker } from '../../../adapters/mlflow/tracker.ts';
import { loadModel } from '../../../adapters/onnxruntime/load-model.ts';
import { keys } from '../../../core/contracts/keys.ts';
import { digestOf } from '../../../core/digest.ts';
import { bindInputs } from '../../../core/onnx/bind.ts';
import { aggregate } from '../../../core/steps/aggregate.ts';
import { encodeJson } from '../../../core/store.ts';
import { type MlflowServer, startMlflow } from '../../../local/mlflow-server.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { stepPorts } from '../../support/step-world.ts';
import { batchOf } from '../../support/tables.ts';

const venv = resolve('.venv');
const file = resolve('test/fixtures/models/lightgbm-binary.onnx');
const columns = ['a', 'b', 'c', 'd', 'e'];
let folder = '';
let server: MlflowServer;
let logged: { readonly run: string; readonly model: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-logged-'));
  server = await startMlflow({ venv, folder });
  const { stdout } = await promisify(execFile)(
    join(venv, 'bin', 'python'),
    ['test/adapters/mlflow/log_model.py', file, 'boosted', ...columns],
    {
      env: { ...process.env, MLFLOW_TRACKING_URI: server.uri, MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: 'false' },
    },
  );
  logged = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
});

afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

it('a model that Python logged predicts by its signature, whatever it is named by', async () => {
  const store = memoryStore();
  const tracker = mlflowTracker(connectMlflow({ uri: server.uri }));
  const ports = { ...stepPorts(store, {}), tracker };
  const spec = { name: 'some', table: { path: 'flights' } };
  const digest = await digestOf(spec);
  await store.put(keys.spec(digest), encodeJson(spec));
  const given = JSON.parse(await readFile(file.replace('.onnx', '.json'), 'utf8'));
  const batch = batchOf(given.columns, given.rows);
  const uris = [`models:/${logged.model}`, 'models:/boosted/1', `runs:/${logged.run}/net`];
  for (const uri of [...uris, `runs:/${logged.run}/artifacts/old`]) {
    const answer = (await aggregate({ kind: 'resolve', spec: digest, model: uri }, ports)) as {
      digest: string;
    };
    const body = (await store.get(keys.model(answer.digest)))!.body;
    const said = JSON.parse(new TextDecoder().decode((await store.get(keys.signature(answer.digest)))!.body));
    expect(said.inputs, uri).toEqual(columns);
    const model = await loadModel(body);
    const feeds = bindInputs(model.inputs, batch.fields, { signature: said.inputs });
    const { probabilities } = await model.run(batch, ['probabilities'], feeds);
    await model.release();
    for (const [row, share] of given.expected.probabilities_1.entries())
      expect(Number(probabilities![2 * row + 1])).toBeCloseTo(share, 6);
    await store.delete(keys.signature(answer.digest));
  }
  const plain = `runs:/${logged.run}/plain/lightgbm-binary.onnx`;
  const answer = (await aggregate({ kind: 'resolve', spec: digest, model: plain }, ports)) as {
    digest: string;
  };
  expect((await store.get(keys.model(answer.digest)))!.body.length).toBe((await readFile(file)).length);
});
