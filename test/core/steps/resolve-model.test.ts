import { expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { digestOf, sha256 } from '../../../core/digest.ts';
import { aggregate } from '../../../core/steps/aggregate.ts';
import { encodeJson } from '../../../core/store.ts';
import { byteSource } from '../../support/byte-source.ts';
import { FakeTracker } from '../../support/fake-tracker.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { stepPorts } from '../../support/step-world.ts';

const bytes = Uint8Array.of(1, 2, 3);
const mlmodel = new TextEncoder().encode(
  `flavors:\n  onnx:\n    data: net.onnx\nsignature:\n  inputs: '[{"type": "double", "name": "b"}, {"type": "double", "name": "a"}]'\n`,
);

async function resolved(model: string, tracker: FakeTracker | undefined) {
  const store = memoryStore();
  const ports = { ...stepPorts(store, { 's3://bucket/net.onnx': [byteSource(bytes, 'net.onnx')] }), tracker };
  const spec = { name: 'some', table: { path: 'flights' } };
  const digest = await digestOf(spec);
  await store.put(keys.spec(digest), encodeJson(spec));
  const answer = (await aggregate({ kind: 'resolve', spec: digest, model }, ports)) as { digest: string };
  const signature = await store.get(keys.signature(answer.digest));
  return {
    answer,
    body: (await store.get(keys.model(answer.digest)))?.body,
    columns: signature && JSON.parse(new TextDecoder().decode(signature.body)).inputs,
  };
}

/** A run that logged a model, and one among its artifacts. */
async function logged() {
  const tracker = new FakeTracker();
  const experimentId = await tracker.experiment('some');
  const run = await tracker.createRun({ experimentId, name: 'run', startedAt: 0, tags: {} });
  const model = await tracker.createModel({ experimentId, name: 'net', runId: run.id, tags: {} });
  await tracker.uploadFile(model, 'net.onnx', bytes);
  await tracker.uploadFile(model, 'MLmodel', mlmodel);
  await tracker.logOutputs(run.id, [model.id]);
  tracker.artifacts.set(`${run.id}/old/net.onnx`, bytes);
  tracker.artifacts.set(`${run.id}/old/MLmodel`, mlmodel);
  tracker.artifacts.set(
    `${run.id}/sk/MLmodel`,
    new TextEncoder().encode('flavors:\n  sklearn:\n    data: x\n'),
  );
  return { tracker, run: run.id, model: model.id };
}

test('a model is found by its logged model, by its run, among artifacts and in S3, with the columns of its signature', async () => {
  const { tracker, run, model } = await logged();
  const digest = await sha256(bytes);
  for (const uri of [
    `runs:/${run}/net`,
    `runs:/${run}/old`,
    ...(/^m-/.test(model) ? [`models:/${model}`] : []),
  ]) {
    expect(await resolved(uri, tracker)).toMatchObject({
      answer: { digest },
      body: bytes,
      columns: ['b', 'a'],
    });
  }
  const plain = { answer: { digest }, body: bytes, columns: undefined };
  expect(await resolved(`runs:/${run}/old/net.onnx`, tracker)).toMatchObject(plain);
  expect(await resolved('s3://bucket/net.onnx', undefined)).toMatchObject(plain);
});

test('what is no model is refused, with what can be written', async () => {
  const { tracker, run } = await logged();
  await expect(resolved(`runs:/${run}/sk`, tracker)).rejects.toThrow(
    `artifact sk of run ${run} is no ONNX model in MLflow but sklearn: convert it, and log it with mlflow.onnx.log_model`,
  );
  await expect(resolved(`runs:/${run}/none`, tracker)).rejects.toThrow('has no file model.onnx in MLflow');
  await expect(resolved(`runs:/${run}/net`, undefined)).rejects.toMatchObject({ name: 'TrackerUnavailable' });
  for (const wrong of ['models:/net', 'net', 'runs:/abc', 'http://host/net.onnx', 'sha256:12']) {
    const failed = resolved(wrong, tracker);
    await expect(failed).rejects.toMatchObject({ name: 'InvalidSpec' });
    await expect(failed).rejects.toThrow('models:/<name>@<alias>, models:/<name>/<version number>, ');
  }
  await expect(resolved('net.onnx', tracker)).rejects.toThrow(
    'a file is brought by the command or the library',
  );
});
