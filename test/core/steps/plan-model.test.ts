import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { digestOf, sha256 } from '../../../core/digest.ts';
import { commitPrediction } from '../../../core/steps/commit-prediction.ts';
import { planPrediction } from '../../../core/steps/plan-prediction.ts';
import { predictShard } from '../../../core/steps/predict-shard.ts';
import { encodeJson } from '../../../core/store.ts';
import { byteSource } from '../../support/byte-source.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { onnxOf, type Parts } from '../../support/onnx-models.ts';
import { stepPorts } from '../../support/step-world.ts';

const execution = 'test';
const table = 'a,b,c,d,e,late\n1,2,3,4,5,1\n-1,0,,4,5,0\n0.5,0.25,-2,0,0,1\n';

async function planned(model: Uint8Array, predict: object = {}, content = table) {
  const store = memoryStore();
  const ports = stepPorts(store, { flights: [byteSource(content, 'a.csv')] });
  const spec = {
    name: 'some',
    table: { path: 'flights' },
    target: 'late',
    predict: { format: 'csv', ...predict },
  };
  const digest = await digestOf(spec);
  await store.put(keys.spec(digest), encodeJson(spec));
  const name = await sha256(model);
  await store.put(keys.model(name), model);
  const request = {
    spec: digest,
    model: { digest: name, name: null, features: null },
    dataset: null,
    execution,
  };
  const plan = (await planPrediction(request, ports)) as { job: string; prediction: string };
  return { store, ports, ...plan };
}

const parts: Parts = {
  inputs: [{ name: 'a', shape: ['n'] }],
  outputs: [{ name: 'y', shape: ['n'] }],
  nodes: [{ operator: 'Relu', inputs: ['a'], outputs: ['y'] }],
};
const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/models/${name}.onnx`, import.meta.url)));

describe('a model that cannot be run is named before anything is started', () => {
  test('the same that can is planned', async () => {
    expect((await planned(onnxOf(parts))).prediction).toMatch(/^some-[0-9a-f]{12}$/);
  });

  test.each<[string, Uint8Array, string]>([
    ['text', new TextEncoder().encode('<html>not found</html>'), 'the model is no ONNX file'],
    ['nothing', new Uint8Array(), 'the model of 0 bytes is no ONNX file: it holds no graph'],
    [
      'a file that is cut off',
      fixture('xgboost-binary').subarray(0, 4000),
      'its protobuf cannot be read at byte',
    ],
    [
      'weights in another folder',
      onnxOf({ ...parts, external: '../weights.bin' }),
      'the model\'s "weights" lies in another file, "../weights.bin", outside its folder: save it as one file',
    ],
    [
      'weights in another file',
      onnxOf({ ...parts, external: 'weights.bin' }),
      'in another file, "weights.bin": save it',
    ],
    [
      'an operator of its own',
      onnxOf({ ...parts, nodes: [{ operator: 'Fancy', domain: 'my.ops', inputs: ['a'], outputs: ['y'] }] }),
      'operators of its own, which ONNX Runtime has not: Fancy (of my.ops)',
    ],
    [
      'operators of a later version',
      onnxOf({ ...parts, opset: 27 }),
      'the model needs version 27 of the operators of ai.onnx; up to 26',
    ],
    ['a later format', onnxOf({ ...parts, ir: 14 }), 'version 14 of the format (IR); up to 13'],
    [
      'half precision',
      onnxOf({ ...parts, inputs: [{ name: 'a', type: 10, shape: ['n'] }] }),
      'the model\'s input "a" is of float16; allowed: float32',
    ],
    [
      'one row at a time',
      onnxOf({ ...parts, inputs: [{ name: 'a', shape: [1] }] }),
      'takes exactly 1 rows at a time; export it with a first dimension',
    ],
  ])('%s', async (_, model, message) => {
    const failed = planned(model);
    await expect(failed).rejects.toMatchObject({ name: 'BadModel' });
    await expect(failed).rejects.toThrow(message);
  });

  test('columns that it lacks, outputs that it has not', async () => {
    await expect(planned(onnxOf({ ...parts, inputs: [{ name: 'aa', shape: ['n'] }] }))).rejects.toThrow(
      'the model wants a column "aa"; did you mean a?',
    );
    await expect(planned(onnxOf(parts), { outputs: 'z' })).rejects.toThrow('the model has no output "z"');
    await expect(planned(fixture('lightgbm-binary'))).rejects.toThrow('    input: [a, b, c, d, e]');
  });
});

test('the versions are those of the ONNX Runtime that is installed', async () => {
  const { loadModel } = await import('../../../adapters/onnxruntime/load-model.ts');
  await (await loadModel(onnxOf({ ...parts, opset: 26, ir: 13 }))).release();
  const { openSession } = await import('../../../adapters/onnxruntime/session.ts');
  await expect(openSession(onnxOf({ ...parts, opset: 27 }), 1)).rejects.toMatchObject({ name: 'BadModel' });
  await expect(openSession(onnxOf({ ...parts, ir: 14 }), 1)).rejects.toMatchObject({ name: 'BadModel' });
});

test('what only the runtime can tell of a model fails the job by the same name', async () => {
  const bad = onnxOf({ ...parts, nodes: [{ operator: 'NoSuch', inputs: ['a'], outputs: ['y'] }] });
  const { ports, job } = await planned(bad);
  await expect(predictShard({ job, shard: 0, execution }, ports)).rejects.toMatchObject({
    name: 'BadModel',
    message: expect.stringMatching(/^ONNX Runtime cannot load the model of \d+ bytes: .*NoSuch/),
  });
});

test('a classifier of LightGBM is written by its classes, and scored by the share of its second', async () => {
  const predict = {
    inputs: { input: ['a', 'b', 'c', 'd', 'e'] },
    outputs: ['class', 'probability'],
    keep: ['a'],
  };
  const { store, ports, job } = await planned(fixture('lightgbm-binary'), predict);
  await predictShard({ job, shard: 0, execution }, ports);
  await commitPrediction({ job, execution }, ports);
  const manifest = JSON.parse(new TextDecoder().decode((await store.get(`${job}manifest.json`))!.body));
  expect(manifest).toMatchObject({ rows: 3, predicted: 3, rejected: 0, scores: [{ rows: 3 }] });
  const text = new TextDecoder().decode((await store.get(manifest.parts[0].key))!.body);
  expect(text.split('\n')[0]).toBe('a,class,probability');
});
