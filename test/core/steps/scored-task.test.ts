import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { Evaluation, Prediction } from '../../../core/contracts/records.ts';
import { sha256 } from '../../../core/digest.ts';
import { evaluate } from '../../../core/steps/evaluate.ts';
import { readObject } from '../../../core/steps/objects.ts';
import { byteSource } from '../../support/byte-source.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { predictAll, putSpec, specOf, stepPorts } from '../../support/step-world.ts';

interface Fixture {
  readonly columns: readonly { readonly name: string }[];
  readonly rows: readonly (readonly (number | string)[])[];
  readonly inputs: Readonly<Record<string, readonly string[]>> | null;
  readonly expected: Readonly<Record<string, readonly (number | string)[]>>;
}

const file = (name: string) => readFileSync(new URL(`../../fixtures/models/${name}`, import.meta.url));

/** A model of another library over its rows, whose target is what it predicts of them, but for what `told` makes of it. */
async function scored(
  name: string,
  output: string,
  told: (value: number | string, row: number) => number | string,
  target: string | object,
) {
  const { columns, rows, inputs, expected } = JSON.parse(String(file(`${name}.json`))) as Fixture;
  const truth = expected[output]!.map(told);
  const lines = rows.map((row, at) => [...row, truth[at]].join(','));
  const csv = `${[...columns.map((column) => column.name), 'truth'].join(',')}\n${lines.join('\n')}\n`;
  const store = memoryStore();
  const ports = stepPorts(store, { flights: [byteSource(csv, 'a.csv')] });
  const model = new Uint8Array(file(`${name}.onnx`));
  const digest = await sha256(model);
  await store.put(keys.model(digest), model);
  const spec = await putSpec(
    store,
    specOf({ target, inputs: ['a'], predict: { ...(inputs && { inputs }) } }),
  );
  const { prediction } = await predictAll(spec, digest, null, ports);
  const { task } = await readObject(store, keys.predictionManifest(prediction), Prediction);
  const request = { spec, candidate: prediction, champion: null, championKnown: true };
  const { evaluation } = (await evaluate(request, ports)) as { evaluation: string };
  const { candidate, metric } = await readObject(store, keys.evaluation(evaluation), Evaluation);
  return { task, metric, metrics: candidate.metrics, rows: rows.length };
}

test('a classifier from elsewhere is scored by the classes that its graph tells, in its order', async () => {
  const wrong = { Nice: 'Oslo', Oslo: 'Rome', Rome: 'Nice' } as Record<string, string>;
  const cities = await scored(
    'random-forest',
    'output_label',
    (value, row) => (row < 6 ? wrong[value]! : value),
    'truth',
  );
  expect(cities.task).toEqual({ kind: 'multiclass', classes: ['Nice', 'Oslo', 'Rome'] });
  expect(cities.metric).toBe('log_loss');
  expect(cities.metrics.accuracy).toBeCloseTo((cities.rows - 6) / cities.rows, 12);
  const numbers = await scored('gradient-boosting', 'output_label', (value) => value, 'truth');
  expect(numbers.task).toEqual({ kind: 'multiclass', classes: [0, 1, 2] });
  expect(numbers.metrics.accuracy).toBe(1);
});

test('of two named classes the second is the positive one, unless the target says which', async () => {
  const plain = await scored('logistic-zipmap', 'output_label', (value) => value, 'truth');
  expect(plain.task).toEqual({ kind: 'binary', classes: ['late', 'punctual'] });
  expect(plain.metrics).toMatchObject({ auc: 1, accuracy: 1, f1: 1 });
  const late = await scored('logistic-zipmap', 'output_label', (value) => value, {
    column: 'truth',
    equals: 'late',
  });
  expect(late.task).toEqual({ kind: 'binary', classes: [0, 1] });
  expect(late.metrics).toMatchObject({ auc: 1, accuracy: 1, f1: 1 });
});

test('a regressor from elsewhere is scored where the target says that it is a quantity', async () => {
  const shifted = await scored('random-forest-regressor', 'variable', (value) => Number(value) + 1, {
    ...{ column: 'truth', task: 'regression' },
  });
  expect(shifted.task).toEqual({ kind: 'regression' });
  expect(shifted.metric).toBe('rmse');
  expect(shifted.metrics.mae).toBeCloseTo(1, 6);
});
