import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadModel } from '../../../../adapters/onnxruntime/load-model.ts';
import type { Scalar } from '../../../../core/contracts/names.ts';
import type { Task } from '../../../../core/contracts/task.ts';
import { parseModel } from '../../../../core/onnx/model-proto.ts';
import { gbdt } from '../../../../core/training/gbdt/gbdt.ts';
import { monotoneOf } from '../../../../core/training/gbdt/monotone.ts';
import { importanceIn } from '../../../../core/training/importance.ts';
import { batchOf, type Cell, chance, memoryCache, tableOf } from '../tables.ts';

const number: Task = { kind: 'regression' };
const fields = [
  { name: 'x', type: 'float' },
  { name: 'z', type: 'float' },
  { name: 'c', type: 'string' },
  { name: 'y', type: 'float' },
  { name: 'w', type: 'float' },
] as const;

interface Rows {
  readonly train: readonly (readonly Cell[])[];
  readonly validation?: readonly (readonly Cell[])[];
  readonly weight?: 'w';
}

async function binned({ train, validation = train, weight }: Rows, task: Task = number) {
  const cache = memoryCache();
  const sides = { train: [batchOf(fields, train)], validation: [batchOf(fields, validation)] };
  await gbdt.prepare(tableOf(sides, ['x', 'z', 'c'], { kind: 'column', column: 'y' }, task, weight), cache);
  return gbdt.load(cache);
}

async function trained(rows: Rows, params: Record<string, Scalar> = {}, task: Task = number) {
  const given = gbdt.params.parse({ min_data: 1, leaves: 8, learning_rate: 0.5, ...params });
  const run = gbdt.start(await binned(rows, task), given, 1);
  run.advance(20, () => false);
  return run;
}

async function predicted(onnx: Uint8Array, rows: readonly (readonly Cell[])[]): Promise<number[]> {
  const model = await loadModel(onnx);
  const output = model.outputs[0]!.name;
  const { [output]: values } = await model.run(batchOf(fields, rows), [output]);
  await model.release();
  return [...(values as Float32Array)];
}

/** x, z and the category decide y; every row weighs 1. */
const rowsOf = (count: number, y: (x: number, z: number, word: string) => number): Cell[][] => {
  const next = chance(11);
  return Array.from({ length: count }, () => {
    const [x, z, word] = [Math.round(next() * 40) / 4, Math.round(next() * 20), `w${Math.floor(next() * 6)}`];
    return [x, z, word, y(x, z, word), 1];
  });
};

describe('input that is odd', () => {
  test('an infinite value is the greatest or the least one', async () => {
    const rows = rowsOf(200, () => 0).map(([x, z, word], row): Cell[] => {
      const value = row % 3 === 0 ? Infinity : row % 3 === 1 ? -Infinity : Math.floor(x as number);
      return [value, z!, word!, value === Infinity ? 3 : value === -Infinity ? -3 : 0, 1];
    });
    const run = await trained({ train: rows });
    const own = [...run.validate().predictions];
    expect(own.every((value, row) => Math.abs(value - (rows[row]![3] as number)) < 0.01)).toBe(true);
    const file = await predicted(run.toOnnx(), [...rows, [1e30, 1, 'w1', 0, 1], [-1e30, 1, 'w1', 0, 1]]);
    expect(Math.max(...own.map((value, row) => Math.abs(value - file[row]!)))).toBeLessThan(1e-6);
    expect(file.slice(-2).every((value) => Math.abs(value) < 0.01)).toBe(true);
  });

  test('columns of one value, or of none, are never split by', async () => {
    const rows = rowsOf(200, (x) => x).map(([x, , , y]): Cell[] => [x!, 5, null, y!, 1]);
    const run = await trained({ train: rows });
    expect(
      importanceIn(parseModel(run.toOnnx()).metadata)!.map(({ feature, split }) => [feature, split > 0]),
    ).toEqual([
      ['x', true],
      ['z', false],
      ['c', false],
    ]);
    const [seen, other] = await predicted(run.toOnnx(), [
      [5, 5, null, 0, 1],
      [5, null, 'new', 0, 1],
    ]);
    expect(other).toBe(seen);
  });

  test('nothing to learn from gives the same for all', async () => {
    const run = await trained({
      train: rowsOf(100, () => 0).map(([, , , y]): Cell[] => [null, null, null, y!, 1]),
    });
    expect(new Set(run.validate().predictions)).toEqual(new Set([0]));
    expect(new Set(await predicted(run.toOnnx(), [[1, 2, 'w1', 0, 1]]))).toEqual(new Set([0]));
  });

  test('a target of one value is that value', async () => {
    const run = await trained({ train: rowsOf(100, () => 7) });
    expect(new Set(run.validate().predictions)).toEqual(new Set([7]));
  });

  test('a category that was never seen goes with those that a split does not list', async () => {
    const run = await trained({ train: rowsOf(900, (_, __, word) => (word === 'w2' ? 10 : 0)) });
    const [known, unseen, missing] = await predicted(run.toOnnx(), [
      [1, 1, 'w2', 0, 1],
      [1, 1, 'never', 0, 1],
      [1, 1, null, 0, 1],
    ]);
    expect(known).toBeGreaterThan(9);
    expect([unseen, missing].every((value) => Math.abs(value!) < 0.5)).toBe(true);
  });

  test('a class of one row, and one that no training row has, are predicted as what they are', async () => {
    const rows = rowsOf(300, (x) => (x > 5 ? 1 : 0));
    rows[7] = [100, 0, 'w1', 2, 1];
    const task: Task = { kind: 'multiclass', classes: [0, 1, 2, 3] };
    const run = await trained({ train: rows, validation: rows.slice(0, 7) }, {}, task);
    const shares = await predicted(run.toOnnx(), [[100, 0, 'w1', 0, 1]]);
    expect(shares[2]).toBeGreaterThan(0.5);
    expect(shares[3]).toBeLessThan(1e-6);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
  });

  test('rows of no weight teach nothing', async () => {
    const rows = rowsOf(300, (x, z) => x + z);
    const wrong = rowsOf(50, () => 1000).map((row): Cell[] => [...row.slice(0, 4), 0]);
    const with0 = await trained({ train: [...rows, ...wrong], validation: rows, weight: 'w' });
    expect(Math.max(...with0.validate().predictions)).toBeLessThan(35);
    await expect(trained({ train: wrong, weight: 'w' })).rejects.toThrow(
      'columns.weight: all 50 labelled train rows have the weight 0',
    );
  });

  test('a weight of two is the row twice', async () => {
    const rows = rowsOf(900, (x, z) => x * z).map(([x, z, , y], at): Cell[] => [
      x!,
      z!,
      'w',
      y!,
      1 + (at % 2),
    ]);
    const twice = rows.flatMap((row): Cell[][] => (row[4] === 2 ? [row, row] : [row]));
    const validation = rows;
    const heavy = await trained({ train: rows, validation, weight: 'w' }, { min_hessian: 4 });
    const repeated = await trained({ train: twice, validation }, { min_hessian: 4 });
    const [a, b] = [heavy.validate().predictions, repeated.validate().predictions];
    expect(Math.max(...a.map((value, row) => Math.abs(value - b[row]!)))).toBeLessThan(1e-3);
  });
});

describe('parameters that do not go together', () => {
  const rows = { train: rowsOf(50, (x) => (x > 5 ? 1 : 0)) };
  const binary: Task = { kind: 'binary', classes: [0, 1] };
  const three: Task = { kind: 'multiclass', classes: [0, 1, 2] };
  test.each<[Record<string, Scalar>, Task, string]>([
    [{ objective: 'poisson' }, binary, 'objective: poisson is for a number, and the target is binary'],
    [{ is_unbalance: true }, number, 'are for classes, and the target is a number'],
    [{ scale_pos_weight: 2 }, three, 'use class_weight: balanced'],
    [{ scale_pos_weight: 2, is_unbalance: true }, binary, 'only one may be given'],
    [{ objective: 'absolute', monotone_constraints: 'x: 1' }, number, 'monotone_constraints cannot be kept'],
    [{ monotone_constraints: 'c: 1' }, number, '"c" is no number among the inputs'],
    [{ monotone_constraints: 'x: 2' }, number, 'cannot be read at "x: 2"'],
  ])('%j', async (params, task, message) => {
    await expect(trained(rows, params, task)).rejects.toThrow(message);
  });

  test('counts are not below 0, and some are above', async () => {
    const poisson = { objective: 'poisson' };
    await expect(trained({ train: rowsOf(50, (x) => x - 5) }, poisson)).rejects.toThrow('the target holds -');
    await expect(trained({ train: rowsOf(50, () => 0) }, poisson)).rejects.toThrow('0 in every row');
  });
});

describe('monotone constraints', () => {
  test('hold everywhere, whatever the other columns say', async () => {
    const train = rowsOf(600, (x, z, word) => Math.sin(x) * 3 + z * (word === 'w1' ? 1 : -0.5));
    const run = await trained({ train }, { leaves: 31, monotone_constraints: 'x: 1, z: -1' });
    const grid = Array.from({ length: 41 }, (_, at) => at);
    for (const word of ['w1', 'w2', null]) {
      for (const other of [0, 3.3, 7.9, null]) {
        const rising = await predicted(
          run.toOnnx(),
          grid.map((at): Cell[] => [at / 4, other, word, 0, 1]),
        );
        const falling = await predicted(
          run.toOnnx(),
          grid.map((at): Cell[] => [other, at / 2, word, 0, 1]),
        );
        expect(rising).toEqual(rising.toSorted((a, b) => a - b));
        expect(falling).toEqual(falling.toSorted((a, b) => b - a));
      }
    }
    const free = await trained({ train }, { leaves: 31 });
    const bumpy = await predicted(
      free.toOnnx(),
      grid.map((at): Cell[] => [at / 4, 3, 'w1', 0, 1]),
    );
    expect(bumpy).not.toEqual(bumpy.toSorted((a, b) => a - b));
  });

  const numbers = (names: readonly string[]) =>
    names.map((column) => ({
      kind: 'edges' as const,
      feature: { kind: 'number' as const, column },
      edges: [],
    }));

  test('are read from their text, with names in quotes where they need them', () => {
    const plain = /^[^",:\s](?:[^",:]*[^",:\s])?$/;
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 5 }),
        fc.infiniteStream(fc.constantFrom(1, -1)),
        (names, directions) => {
          const given = names.map((name) => [name, directions.next().value!] as const);
          const text = given.map(([name, direction]) => {
            const quoted = plain.test(name) ? name : `"${name.replaceAll(/["\\]/g, '\\$&')}"`;
            return `${quoted}: ${direction}`;
          });
          expect([...monotoneOf(text.join(', '), numbers(names))!]).toEqual(
            given.map(([, direction]) => direction),
          );
        },
      ),
    );
    expect(monotoneOf(' ', numbers(['x']))).toBeUndefined();
  });
});
