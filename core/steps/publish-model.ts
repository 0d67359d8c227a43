import { keys } from '../contracts/keys.ts';
import type { Scalar } from '../contracts/names.ts';
import { Dataset } from '../contracts/records.ts';
import type { ModelCard, Study } from '../contracts/study.ts';
import { FanfareError } from '../errors.ts';
import type { ModelValues } from '../onnx/model.ts';
import { encodeJson } from '../store.ts';
import type { Batch } from '../tables/batch.ts';
import { recordsOf } from '../tables/records.ts';
import { sliceRows } from '../tables/slice.ts';
import { type ModelData, wholeData } from './model-data.ts';
import { writeModelProfile } from './model-profile.ts';
import { readObject } from './objects.ts';
import type { Ports } from './ports.ts';
import { validationRows } from './validate.ts';

const exampleRows = 5;

/** Copies the model to where it is found by its digest, with a card that says what goes in and out. */
export async function publishModel(
  study: Study,
  { key, digest, scores }: { readonly key: string; readonly digest: string; readonly scores: string },
  ports: Ports,
) {
  const { store } = ports;
  const object = await store.get(key);
  if (object === undefined) throw new FanfareError('MissingInput', `the best trial's model ${key} is gone`);
  const dataset = await readObject(store, keys.datasetManifest(study.dataset), Dataset);
  const example = await exampleOf(study, wholeData(dataset), ports);
  const model = await ports.loadModel(object.body);
  try {
    const outputs = await model.run(
      example,
      model.outputs.map((port) => port.name),
    );
    const inputs = model.inputs.map(({ name }) => name);
    const card: ModelCard = {
      digest,
      size: object.body.length,
      trained: await writeModelProfile(study, { scores, digest }, inputs, store),
      features: dataset.features,
      task: study.task,
      inputs: model.inputs.map(({ name, type }) => ({ name, type })),
      outputs: model.outputs.map(({ name, type }) => ({ name, type })),
      example: recordsOf(example),
      expected: Array.from({ length: example.rows }, (_, row) =>
        Object.fromEntries(
          Object.entries(outputs).map(([name, values]) => [name, answerOf(values, row, example.rows)]),
        ),
      ),
    };
    await store.put(keys.model(digest), object.body, { kind: 'absent' });
    await store.put(keys.modelCard(digest), encodeJson(card), { kind: 'absent' });
  } finally {
    await model.release();
  }
}

/** The first validation rows. */
async function exampleOf(study: Study, data: ModelData, ports: Ports): Promise<Batch> {
  for await (const { batch } of await validationRows(study, data, ports)) {
    if (batch.rows > 0) return sliceRows(batch, 0, Math.min(exampleRows, batch.rows));
  }
  throw new FanfareError('BadTable', `dataset ${data.dataset} has no validation row with a target`);
}

/** A value, or several of an output that is a row wide. */
function answerOf(values: ModelValues, row: number, rows: number): Scalar | Scalar[] {
  const width = values.length / rows;
  const own = Array.from({ length: width }, (_, at): Scalar => {
    const value = values[row * width + at]!;
    return typeof value === 'bigint' ? Number(value) : value;
  });
  return width === 1 ? own[0]! : own;
}
