import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../../../adapters/onnxruntime/load-model.ts';
import { keys } from '../../../../core/contracts/keys.ts';
import type { Task } from '../../../../core/contracts/task.ts';
import { sha256 } from '../../../../core/digest.ts';
import type { Field } from '../../../../core/tables/batch.ts';
import { onnxTrainable } from '../../../../core/trainables/onnx/onnx-trainable.ts';
import { memoryStore } from '../../../support/memory-store.ts';
import { batchOf, type Cell, memoryCache, tableOf } from '../../training/tables.ts';

/** What another library predicts for some rows; its export lies beside it (make_models.py). */
interface Fixture {
  readonly columns: readonly Field[];
  readonly rows: readonly (readonly Cell[])[];
  readonly inputs: Readonly<Record<string, readonly string[]>> | null;
  readonly expected: Readonly<Record<string, readonly (number | string)[]>>;
}

const numbers: Task = { kind: 'regression' };
const zeroOne: Task = { kind: 'binary', classes: [0, 1] };
const words: Task = { kind: 'binary', classes: ['late', 'punctual'] };
const three: Task = { kind: 'multiclass', classes: [0, 1, 2] };
const cities: Task = { kind: 'multiclass', classes: ['Nice', 'Oslo', 'Rome'] };

/** The models by what the target is, and the columns of what they are expected to say. */
const models: readonly (readonly [string, Task, readonly string[]])[] = [
  ['lightgbm-binary', zeroOne, ['probabilities_1']],
  ['xgboost-binary', zeroOne, ['probabilities_1']],
  ['hist-gradient-boosting', zeroOne, ['output_probability_1']],
  ['random-forest-binary', zeroOne, ['output_probability_1']],
  ['logistic-tensor', words, ['probabilities_punctual']],
  ['logistic-zipmap', words, ['output_probability_punctual']],
  ['lightgbm-multiclass', three, [0, 1, 2].map((k) => `probabilities_${k}`)],
  ['gradient-boosting', three, [0, 1, 2].map((k) => `output_probability_${k}`)],
  ['random-forest', cities, ['Nice', 'Oslo', 'Rome'].map((city) => `output_probability_${city}`)],
  ['random-forest-regressor', numbers, ['variable']],
];

interface World {
  readonly fixture: Fixture;
  readonly params: Readonly<Record<string, string | number>>;
  readonly compose: (change?: Readonly<Record<string, string | number>>) => Promise<Uint8Array>;
}

async function worldOf(name: string, task: Task): Promise<World> {
  const fixture = JSON.parse(readFileSync(`test/fixtures/models/${name}.json`, 'utf8')) as Fixture;
  const bytes = new Uint8Array(readFileSync(`test/fixtures/models/${name}.onnx`));
  const store = memoryStore();
  const digest = await sha256(bytes);
  await store.put(keys.model(digest), bytes);
  const inputs = fixture.columns.map((column) => column.name);
  const label = task.kind === 'regression' ? 1 : task.classes[0]!;
  const fields = [
    ...fixture.columns,
    { name: 'target', type: typeof label === 'string' ? ('string' as const) : ('integer' as const) },
  ];
  const batch = batchOf(
    fields,
    fixture.rows.map((row) => [...row, label as Cell]),
  );
  const table = tableOf(
    { train: [batch], validation: [batch] },
    inputs,
    { kind: 'column', column: 'target' },
    task,
  );
  const trainable = onnxTrainable({ store, loadModel });
  const matrix = Object.values(fixture.inputs ?? {})[0];
  const params = { model: `sha256:${digest}`, ...(matrix && { columns: matrix.join(', ') }) };
  return {
    fixture,
    params,
    compose: async (change = {}) => {
      const run = trainable.start(await trainable.load(memoryCache(), table), { ...params, ...change });
      return (await run.toOnnx())!;
    },
  };
}

async function said(
  file: Uint8Array,
  { fixture }: World,
): Promise<Record<string, readonly (number | string)[]>> {
  const model = await loadModel(file, { warn: () => {} });
  expect(model.inputs.map(({ name }) => name)).toEqual(fixture.columns.map(({ name }) => name));
  const names = model.outputs.map(({ name }) => name);
  const values = await model.run(batchOf(fixture.columns, fixture.rows), names);
  await model.release();
  return Object.fromEntries(
    names.map((name) => [
      name,
      [...values[name]!].map((value) => (typeof value === 'bigint' ? Number(value) : value)),
    ]),
  );
}

const expectedOf = ({ fixture }: World, columns: readonly string[]): number[] =>
  fixture.rows.flatMap((_, row) => columns.map((column) => Number(fixture.expected[column]![row])));

const apart = (a: readonly unknown[], b: readonly number[]): number =>
  Math.max(...b.map((value, at) => Math.abs(Number(a[at]) - value)));

describe.each(models)('%s', (name, task, columns) => {
  let world: World;
  beforeAll(async () => {
    world = await worldOf(name, task);
  });

  test('becomes a model of raw columns that says what its library does', async () => {
    const { probability, prediction, label } = await said(await world.compose(), world);
    const expected = expectedOf(world, columns);
    const own = task.kind === 'regression' ? prediction! : probability!;
    expect(own).toHaveLength(expected.length);
    expect(apart(own, expected)).toBeLessThan(1e-6);
    if (task.kind === 'regression') return;
    const width = columns.length;
    const best = world.fixture.rows.map((_, row) => {
      const shares = expected.slice(row * width, (row + 1) * width);
      return task.classes[width === 1 ? Number(shares[0]! > 0.5) : shares.indexOf(Math.max(...shares))];
    });
    expect(label).toEqual(best);
  });

  test('is made to the same bytes again', async () => {
    expect(await world.compose()).toEqual(await world.compose());
  });

  if (task.kind === 'binary') {
    test('has its log odds moved by the threshold and divided by the temperature', async () => {
      const file = await world.compose({ temperature: 2.5, threshold: 0.3 });
      const { probability, label } = await said(file, world);
      const expected = expectedOf(world, columns);
      const logit = (p: number) => Math.log(p / (1 - p));
      const moved = expected.map((p) => 1 / (1 + Math.exp(-(logit(p) - logit(0.3)) / 2.5)));
      expect(apart(probability!, moved)).toBeLessThan(2e-6);
      expect(label).toEqual(expected.map((p) => task.classes[Number(p > 0.3)]));
    });
  }

  if (task.kind === 'multiclass') {
    test('has the logarithms of its probabilities divided by the temperature', async () => {
      const { probability } = await said(await world.compose({ temperature: 2 }), world);
      const roots = expectedOf(world, columns).map((p) => Math.sqrt(Math.max(p, 1e-12)));
      const width = columns.length;
      const expected = roots.map((root, at) => {
        const row = Math.floor(at / width) * width;
        return root / roots.slice(row, row + width).reduce((sum, each) => sum + each, 0);
      });
      expect(apart(probability!, expected)).toBeLessThan(2e-6);
    });
  }
});

test('the columns of a candidate are those of the table', async () => {
  const world = await worldOf('lightgbm-binary', zeroOne);
  const { model } = world.params;
  await expect(world.compose({ columns: 'a, b, c, d' })).rejects.toThrow(`tune.space.model ${model}:`);
  await expect(world.compose({ columns: 'a, b, c, d, gone' })).rejects.toThrow('gone');
  await expect(world.compose({ model: `sha256:${'0'.repeat(64)}` })).rejects.toMatchObject({
    name: 'MissingInput',
    message: expect.stringContaining('the model is not in the store'),
  });
});

test.each([
  ['random-forest-regressor', zeroOne, 'a probability of 1'],
  ['lightgbm-binary', three, 'a probability of each of 0, 1, 2'],
  ['random-forest', zeroOne, 'a probability of 1'],
] as const)('%s does not speak of another target', async (name, task, asked) => {
  const world = await worldOf(name, task);
  await expect(world.compose()).rejects.toThrow(asked);
});
