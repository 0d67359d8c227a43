import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadModel } from '../../../../adapters/onnxruntime/load-model.ts';
import type { Scalar } from '../../../../core/contracts/names.ts';
import type { Task } from '../../../../core/contracts/task.ts';
import { cutTrees } from '../../../../core/onnx/cut.ts';
import { parseModel } from '../../../../core/onnx/model-proto.ts';
import { forest } from '../../../../core/training/forest/forest.ts';
import type { ForestRun } from '../../../../core/training/forest/run.ts';
import { importanceIn } from '../../../../core/training/importance.ts';
import { predictedInPython, python } from '../../../support/python-predictions.ts';
import { batchOf, type Cell, chance, memoryCache, tableOf } from '../tables.ts';

const fields = [
  { name: 'x', type: 'float' },
  { name: 'z', type: 'float' },
  { name: 'constant', type: 'float' },
  { name: 'empty', type: 'float' },
  { name: 'city', type: 'string' },
  { name: 'y', type: 'float' },
] as const;
const inputs = ['x', 'z', 'constant', 'empty', 'city'];

const yesNo: Task = { kind: 'binary', classes: [0, 1] };
const three: Task = { kind: 'multiclass', classes: [0, 1, 2] };
const number: Task = { kind: 'regression' };

/** Rows of two numbers, a constant, nothing, and one of 20 cities. */
function rowsOf(
  count: number,
  label: (x: number, z: number, city: number, next: () => number) => Cell,
): Cell[][] {
  const next = chance(3);
  return Array.from({ length: count }, () => {
    const [x, z, city] = [next() * 10, next() * 10, Math.floor(next() * 20)];
    return [next() < 0.05 ? null : x, z, 4, null, `C${city}`, label(x, z, city, next)];
  });
}

async function trained(
  rows: readonly (readonly Cell[])[],
  task: Task,
  params: Readonly<Record<string, Scalar>> = {},
  trees = 20,
): Promise<ForestRun> {
  const sides = { train: [batchOf(fields, rows)], validation: [batchOf(fields, rows)] };
  const cache = memoryCache();
  await forest.prepare(tableOf(sides, inputs, { kind: 'column', column: 'y' }, task), cache);
  const run = forest.start(await forest.load(cache), forest.params.parse(params), 5);
  run.advance(trees, () => false);
  return run;
}

async function predicted(file: Uint8Array, rows: readonly (readonly Cell[])[]): Promise<number[]> {
  const told: string[] = [];
  const model = await loadModel(file, { warn: (line) => told.push(line) });
  expect(told).toEqual([]);
  const output = model.outputs[0]!.name;
  const { [output]: values } = await model.run(batchOf(fields, rows), [output]);
  await model.release();
  return [...(values as Float32Array)];
}

const outOfBag = (run: ForestRun): number => run.validate().metrics!.oob_score!;

const right = (run: ForestRun): number => {
  const { predictions, labels } = run.validate();
  return labels.filter((label, row) => Number(predictions[row]! > 0.5) === label).length / labels.length;
};

describe('the out-of-bag score', () => {
  test('of a target by chance is that of a guess, though the trees know their own rows by heart', async () => {
    const run = await trained(
      rowsOf(2000, (_x, _z, _c, next) => Number(next() < 0.5)),
      yesNo,
      {},
      60,
    );
    expect(right(run)).toBeGreaterThan(0.97);
    expect(Math.abs(outOfBag(run) - 0.5)).toBeLessThan(0.05);
  });

  test('of a target that follows from the inputs is that of rows which no tree has seen', async () => {
    const label = (_x: number, z: number, city: number) => Number(z > 5 !== [0, 4, 8, 12, 16].includes(city));
    const rows = rowsOf(3000, label);
    const run = await trained(rows.slice(0, 2000), yesNo, {}, 60);
    const fresh = await predicted(run.toOnnx(), rows.slice(2000));
    const score = fresh.filter((p, at) => Number(p > 0.5) === rows[2000 + at]![5]).length / 1000;
    expect(score).toBeGreaterThan(0.9);
    expect(Math.abs(outOfBag(run) - score)).toBeLessThan(0.03);
  });

  test('of numbers is R², and of classes the share of rows that are told right', async () => {
    const line = await trained(
      rowsOf(2000, (x, z) => 3 * z - x),
      number,
      {},
      40,
    );
    expect(outOfBag(line)).toBeGreaterThan(0.9);
    expect(outOfBag(line)).toBeLessThan(1);
    const thirds = await trained(
      rowsOf(2000, (_x, z) => Math.min(2, Math.floor(z / 3.34))),
      three,
      {},
      40,
    );
    expect(outOfBag(thirds)).toBeGreaterThan(0.95);
  });

  test('is none where trees see all rows, or where it is not asked for', async () => {
    const rows = rowsOf(200, (_x, z) => Number(z > 5));
    expect((await trained(rows, yesNo, { bootstrap: false })).validate().metrics).toEqual({});
    expect((await trained(rows, yesNo, { oob_score: false })).validate().metrics).toEqual({});
  });
});

describe('a forest', () => {
  test('makes most of the column that tells, and never splits by one that tells nothing', async () => {
    const run = await trained(
      rowsOf(600, (_x, z) => Number(z > 5)),
      yesNo,
      { max_features: 1 },
    );
    const [first, ...others] = importanceIn(parseModel(run.toOnnx()).metadata)!;
    expect(first!.feature).toBe('z');
    expect(others.map(({ feature, split }) => [feature, split])).toEqual(
      expect.arrayContaining([
        ['constant', 0],
        ['empty', 0],
      ]),
    );
    expect(others.reduce((sum, { gain }) => sum + gain, 0)).toBeLessThan(first!.gain / 20);
  });

  test('of inputs that all are constant says the shares of the classes', async () => {
    const rows = Array.from({ length: 90 }, (_, row): Cell[] => [1, 2, 4, null, 'C1', row % 3 === 0 ? 1 : 0]);
    const run = await trained(rows, yesNo, { bootstrap: false }, 3);
    for (const value of run.validate().predictions) expect(value).toBeCloseTo(1 / 3, 6);
    expect(await predicted(run.toOnnx(), rows.slice(0, 2))).toEqual([Math.fround(1 / 3), Math.fround(1 / 3)]);
  });

  test('knows a class of one row, and one that only the specification knows', async () => {
    const four: Task = { kind: 'multiclass', classes: [0, 1, 2, 3] };
    const rows = rowsOf(200, (_x, z) => Number(z > 5));
    rows[7]![5] = 2;
    const run = await trained(rows, four, { bootstrap: false, max_features: 1 }, 2);
    const shares = [...run.validate().predictions.slice(28, 32)];
    expect(shares).toEqual([0, 0, 1, 0]);
  });

  test('takes words that it never saw and values beyond all that it saw', async () => {
    const run = await trained(
      rowsOf(500, (x, _z, city) => x + city),
      number,
    );
    const odd: Cell[][] = [
      [null, null, null, null, null, 0],
      [1e30, -1e30, 5, 1, 'never seen', 0],
      [Infinity, -Infinity, 0, 0, '', 0],
    ];
    const said = await predicted(run.toOnnx(), odd);
    expect(said.every((value) => value >= 0 && value <= 30)).toBe(true);
  });

  test('divides categories by sets', async () => {
    const odd = rowsOf(1500, (_x, _z, city) => Number([1, 4, 9, 16, 17].includes(city)));
    const run = await trained(odd, yesNo, { max_features: 1, max_depth: 1, bootstrap: false }, 1);
    expect(right(run)).toBe(1);
  });

  test.each([
    ['max_depth', { max_depth: 3 }, 8],
    ['max_leaf_nodes', { max_leaf_nodes: 11 }, 11],
    ['min_samples_leaf', { min_samples_leaf: 100 }, 10],
    ['min_samples_split', { min_samples_split: 500 }, 20],
  ])('has no more leaves than %s allows', async (_, params, most) => {
    const rows = rowsOf(1000, (x, z, _c, next) => x * z + next());
    const run = await trained(rows, number, { bootstrap: false, max_features: 1, ...params }, 1);
    const leaves = new Set(run.validate().predictions).size;
    expect(leaves).toBeGreaterThan(1);
    expect(leaves).toBeLessThanOrEqual(most);
  });

  test('refuses a criterion of another task', async () => {
    const rows = rowsOf(50, (x) => x);
    await expect(trained(rows, number, { criterion: 'gini' })).rejects.toMatchObject({
      name: 'TrainableFailed',
      message: 'forest: criterion is gini; for a regression target it is squared_error',
    });
  });
});

describe.each([
  ['two classes', yesNo, (x: number, z: number) => Number(x + z > 10)],
  ['three classes', three, (x: number, z: number) => Number(x > 4) + Number(z > 6)],
  ['numbers', number, (x: number, z: number, city: number) => 1000 + x * z + city],
] as const)('the file of %s', (_, task, label) => {
  const rows = rowsOf(3000, (x, z, city, next) =>
    next() < 0.1 ? Math.floor(next() * 2) : label(x, z, city),
  );
  const forests = [{ max_leaf_nodes: 20 }, {}];

  /** How far what was said of the rows lies from what the trainer says, in the largest of its predictions. */
  function apart(own: readonly number[], said: readonly unknown[]): number {
    expect(said).toHaveLength(own.length);
    const scale = Math.max(1, ...own.map(Math.abs));
    return Math.max(...own.map((value, at) => Math.abs(value - Number(said[at])))) / scale;
  }

  test('says what the trainer does, with few leaves and with many', async () => {
    for (const params of forests) {
      const run = await trained(rows, task, params, 12);
      const file = run.toOnnx();
      // Small trees are evaluated in WASM.
      if (params.max_leaf_nodes) expect(cutTrees(parseModel(file))?.ensembles).toHaveLength(1);
      expect(apart([...run.validate().predictions], await predicted(file, rows))).toBeLessThanOrEqual(1e-6);
    }
  }, 60_000);

  test.skipIf(!existsSync(python))(
    'says the same in Python',
    async () => {
      const output = task.kind === 'regression' ? 'prediction' : 'probability';
      const whole = batchOf(fields, rows);
      const columns = whole.columns.slice(0, inputs.length);
      const batch = { rows: whole.rows, fields: whole.fields.slice(0, inputs.length), columns };
      for (const params of forests) {
        const run = await trained(rows, task, params, 12);
        const said = await predictedInPython(run.toOnnx(), batch, output);
        expect(apart([...run.validate().predictions], said)).toBeLessThanOrEqual(1e-6);
      }
    },
    60_000,
  );
});
