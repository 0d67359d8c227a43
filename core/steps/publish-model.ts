import { keys } from '../contracts/keys.ts';
import { Dataset } from '../contracts/records.ts';
import type { ModelCard, Study } from '../contracts/study.ts';
import { FanfareError } from '../errors.ts';
import { chooseGolden } from '../onnx/choose-golden.ts';
import { parseModel } from '../onnx/model-proto.ts';
import { encodeJson } from '../store.ts';
import type { Batch } from '../tables/batch.ts';
import { importanceIn } from '../training/importance.ts';
import { wholeData } from './model-data.ts';
import { writeModelProfile } from './model-profile.ts';
import { readObject } from './objects.ts';
import type { Ports } from './ports.ts';
import { validationRows } from './validate.ts';

/** Copies the model to where it is found by its digest, with a card that says what goes in and out. */
export async function publishModel(
  study: Study,
  { key, digest, scores }: { readonly key: string; readonly digest: string; readonly scores: string | null },
  ports: Ports,
) {
  const { store } = ports;
  const object = await store.get(key);
  if (object === undefined) throw new FanfareError('MissingInput', `the best trial's model ${key} is gone`);
  const dataset = await readObject(store, keys.datasetManifest(study.dataset), Dataset);
  const model = await ports.loadModel(object.body);
  try {
    const inputs = model.inputs.map(({ name }) => name);
    const card: ModelCard = {
      digest,
      size: object.body.length,
      trained: await writeModelProfile(study, { scores, digest }, inputs, store),
      features: dataset.features,
      task: study.task,
      inputs: model.inputs.map(({ name, type }) => ({ name, type })),
      outputs: model.outputs.map(({ name, type }) => ({ name, type })),
      importance: importanceIn(parseModel(object.body).metadata),
      ...(await chooseGolden(batchesOf(await validationRows(study, wholeData(dataset), ports)), model)),
    };
    await store.put(keys.model(digest), object.body, { kind: 'absent' });
    await store.put(keys.modelCard(digest), encodeJson(card), { kind: 'absent' });
  } finally {
    await model.release();
  }
}

async function* batchesOf(rows: Awaited<ReturnType<typeof validationRows>>): AsyncGenerator<Batch> {
  for await (const { batch } of rows) yield batch;
}
