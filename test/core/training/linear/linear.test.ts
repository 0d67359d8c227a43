import { describe, expect, test } from 'vitest';
import { noOrYes, type Task } from '../../../../core/contracts/task.ts';
import type { Batch } from '../../../../core/tables/batch.ts';
import { sliceRows } from '../../../../core/tables/slice.ts';
import { linear } from '../../../../core/training/linear/linear.ts';
import { linearPass } from '../../../../core/training/linear/pass.ts';
import type { LinearRun } from '../../../../core/training/linear/run.ts';
import { gatherParts } from '../../../../core/training/pass.ts';
import type { TrainingTable } from '../../../../core/training/trainable.ts';
import { batchOf, type Cell, chance, memoryCache, tableOf } from '../tables.ts';
import { linearBatch, linearTable } from './tables.ts';

type Params = Readonly<Record<string, string | number | boolean>>;

const never = (): boolean => false;

async function trained(table: TrainingTable, params: Params = {}, rounds = 100): Promise<LinearRun> {
  const cache = memoryCache();
  await linear.prepare(table, cache);
  const run = linear.start(await linear.load(cache, table), linear.params.parse(params), 0);
  await run.advance(rounds, never);
  return run;
}

const numeric = (rows: readonly Cell[][], task: Task, names = ['x', 'y']): TrainingTable => {
  const batch = batchOf(
    names.map((name) => ({ name, type: 'float' })),
    rows,
  );
  const inputs = names.filter((name) => name !== 'y' && name !== 'w');
  const weight = names.includes('w') ? 'w' : undefined;
  const sides = { train: [batch], validation: [batch] };
  return tableOf(sides, inputs, { kind: 'column', column: 'y' }, task, weight);
};

const quantity = { kind: 'regression' } as const;

describe('by hand', () => {
  // x is −1, 0, 1 of deviation √(2/3), so z = x √1.5; y = 1, 2, 6 has mean 3. Σ z y' = 5 √1.5, Σ z² = 3.
  const rows = [
    [-1, 1],
    [0, 2],
    [1, 6],
  ];

  test('least squares, ridge and lasso', async () => {
    const slope = 5 * Math.sqrt(1.5);
    const of = async (params: Params) => [
      ...(await trained(numeric(rows, quantity), params)).coefficients[0]!,
    ];
    const close = (found: readonly number[], expected: readonly number[]) =>
      expected.map((value, at) => expect(found[at]).toBeCloseTo(value, 14));
    close(await of({ penalty: 'none' }), [slope / 3, 3]);
    close(await of({ alpha: 2 }), [slope / 5, 3]);
    // Of half the mean of squares: 3 rows hold a coefficient back by 3 α.
    close(await of({ penalty: 'l1', alpha: 0.5 }), [(slope - 1.5) / 3, 3]);
    close(await of({ penalty: 'l1', alpha: 10 }), [0, 3]);
    close(await of({ penalty: 'elasticnet', alpha: 0.5, l1_ratio: 0.5 }), [(slope - 0.75) / 3.75, 3]);
  });

  test('a weight of two is the row twice, though not for the size of its column; of zero, no row', async () => {
    const weighted = numeric(
      [
        [-1, 1, 2],
        [0, 2, 1],
        [1, 6, 1],
        [0, 99, 0],
      ],
      quantity,
      ['x', 'y', 'w'],
    );
    // x has the deviation √½. By weight the means are −¼ and 2½; Σ w (x + ¼)² = 2 × 9/16 + 1/16 + 25/16 = 2.75, and
    // Σ w (x + ¼)(y − 2½) = 2 × ¾ × 1½ − ¼ × ½ + 5/4 × 3½ = 6.5.
    const found = await trained(weighted, { penalty: 'none' });
    expect(found.coefficients[0]![0]).toBeCloseTo((6.5 / 2.75) * Math.sqrt(0.5), 13);
  });

  test('the log odds of a plain share', async () => {
    const flat = numeric(
      [0, 0, 0, 1].map((y) => [7, y]),
      noOrYes,
    );
    const run = await trained(flat);
    expect(run.coefficients[0]![0]).toBeCloseTo(Math.log(1 / 3), 12);
    const { predictions } = run.validate();
    expect(predictions[0]).toBeCloseTo(0.25, 6);
  });
});

const kinds = ['regression', 'binary', 'multiclass'] as const;

/** A table whose passes are gathered in so many parts, each by itself. */
function inParts(table: TrainingTable, train: readonly Batch[]): TrainingTable {
  const parts = train.map((batch) => ({
    ...table,
    async *batches() {
      yield batch;
    },
  }));
  return {
    ...table,
    gathered: (pass, request) =>
      gatherParts(
        pass,
        request,
        (async function* () {
          for (const part of parts) yield await pass.gather(request, part);
        })(),
      ),
  };
}

test.each(kinds)('of a %s, eight parts give what one does', async (kind) => {
  const whole = linearBatch(5000, 1);
  const table = linearTable(kind, { train: [whole] });
  const parts = Array.from({ length: 8 }, (_, at) => sliceRows(whole, at * 625, (at + 1) * 625));
  for (const penalty of ['l2', 'l1']) {
    const one = await trained(table, { penalty });
    const eight = await trained(inParts(table, parts), { penalty });
    expect(eight.resource).toBe(one.resource);
    for (const [k, coefficients] of one.coefficients.entries())
      for (const [j, value] of coefficients.entries())
        expect(Math.abs(eight.coefficients[k]![j]! - value)).toBeLessThan(1e-9);
  }
});

test.each(kinds)('of a %s, a run resumed from its checkpoints is the run, bit for bit', async (kind) => {
  const table = linearTable(kind);
  const cache = memoryCache();
  await linear.prepare(table, cache);
  const params = linear.params.parse({
    penalty: 'elasticnet',
    ...(kind === 'regression' ? { alpha: 0.01 } : { C: 0.1 }),
  });
  const once = linear.start(await linear.load(cache, table), params, 0);
  await once.advance(50, never);
  let checkpoint: Uint8Array | undefined;
  for (let rounds = 1; ; rounds++) {
    const run = linear.start(await linear.load(cache, table), params, 0, checkpoint);
    await run.advance(50, () => true);
    expect(run.resource).toBe(rounds);
    checkpoint = run.checkpoint();
    if (!run.ended) continue;
    expect(rounds).toBe(once.resource);
    expect(checkpoint).toEqual(once.checkpoint());
    expect(run.toOnnx()).toEqual(once.toOnnx());
    return;
  }
});

test('a checkpoint of other parameters is refused', async () => {
  const run = await trained(linearTable('binary'), { C: 2 });
  const cache = memoryCache();
  const table = linearTable('binary');
  await linear.prepare(table, cache);
  const prepared = await linear.load(cache, table);
  expect(() => linear.start(prepared, linear.params.parse({ C: 3 }), 0, run.checkpoint())).toThrow(
    /the checkpoint is of linear-checkpoint-1 .*"C":2/,
  );
});

test('what was prepared is read again, and made anew where it was altered', async () => {
  const table = linearTable('regression');
  const cache = memoryCache();
  expect(await linear.prepare(table, cache)).toEqual({ rows: 3000, of: 3000 });
  const before = new Map(cache.objects);
  const unread: TrainingTable = { ...table, gathered: () => Promise.reject(new Error('read again')) };
  expect(await linear.prepare(unread, cache)).toEqual({ rows: 3000, of: 3000 });
  await linear.load(cache, unread);
  const moments = cache.objects.get('moments.bin')!.slice();
  moments[100]! ^= 1;
  cache.objects.set('moments.bin', moments);
  await expect(linear.load(cache, unread)).rejects.toThrow('read again');
  await linear.load(cache, table);
  expect(cache.objects).toEqual(before);
});

describe('a table of more than half a million rows', () => {
  /** x with a label that follows it; of so many rows the other way. They stand first or, moved by as many, last. */
  function largeTable(against: number, moved = 0): TrainingTable {
    const rows = 600_000;
    const next = chance(5);
    const x = new Float64Array(rows);
    const y = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      const here = next() * 2 - 1;
      const label = Number(next() < 1 / (1 + Math.exp(-3 * here)));
      const at = (row + rows - moved) % rows;
      x[at] = here;
      y[at] = row < against ? 1 - label : label;
    }
    const fields = [
      { name: 'x', type: 'float' },
      { name: 'y', type: 'float' },
    ] as const;
    const columns = [x, y].map((values) => ({ type: 'float', values, valid: null }) as const);
    const whole: Batch = { rows, fields, columns };
    const train = Array.from({ length: 10 }, (_, at) => sliceRows(whole, at * 60_000, (at + 1) * 60_000));
    const sides = { train, validation: [sliceRows(whole, 0, 10)] };
    return tableOf(sides, ['x'], { kind: 'column', column: 'y' }, noOrYes);
  }

  test('is begun near the optimum of its first rows', async () => {
    expect((await trained(largeTable(0))).resource).toBe(2);
  });

  test('whose first rows mislead comes to the same, from zero', async () => {
    const [first, last] = [await trained(largeTable(200_000)), await trained(largeTable(200_000, 200_000))];
    expect([...(await trained(largeTable(200_000), {}, 1)).coefficients[0]!]).toEqual([0, 0]);
    for (const [at, value] of last.coefficients[0]!.entries())
      expect(Math.abs(first.coefficients[0]![at]! - value)).toBeLessThan(1e-9);
  });
});

describe('bad input', () => {
  test.each([
    [{ C: 1 }, 'regression', 'linear: C is given (1), but the target is a quantity: give alpha'],
    [{ alpha: 1 }, 'binary', 'linear: alpha is given (1), but the target is classes: give C'],
  ] as const)('%j of a %s is refused', async (params, kind, message) => {
    await expect(trained(linearTable(kind), params)).rejects.toMatchObject({
      name: 'TrainableFailed',
      message,
    });
  });

  test('an unknown parameter is told with the nearest', () => {
    expect(() => linear.params.parse({ alhpa: 1 })).toThrow(/linear has no parameter .*alhpa.*alpha/);
  });

  test('one class, no label, no weight', async () => {
    const one = numeric(
      [
        [1, 1],
        [2, 1],
        [3, 1],
      ],
      noOrYes,
    );
    await expect(trained(one)).rejects.toThrow(
      'target: by column "y" all 3 labelled training rows that count are 1; two classes must occur',
    );
    const none = numeric(
      [
        [1, null],
        [2, null],
      ],
      noOrYes,
    );
    await expect(trained(none)).rejects.toThrow('target: the train side has no row with a value of "y"');
    const nothing = numeric(
      [
        [1, 0, 0],
        [2, 1, 0],
      ],
      noOrYes,
      ['x', 'y', 'w'],
    );
    await expect(trained(nothing)).rejects.toThrow(
      'columns.weight: column "w" is 0 in all 2 labelled training rows',
    );
  });

  test('too many numbers for their products to fit are refused', async () => {
    const names = Array.from({ length: 3001 }, (_, at) => `x${at}`);
    const rows = [0, 1].map((y) => [...names.map((_, at) => y + at), y]);
    await expect(trained(numeric(rows, quantity, [...names, 'y']))).rejects.toThrow(
      'linear: 3001 features of 1 classes give 3002 coefficients, more than 3000; leave inputs out',
    );
  });

  test('of collinear columns, and no penalty, the first have the coefficients', async () => {
    const next = [0.3, 0.9, 0.1, 0.7, 0.2];
    const rows = next.map((x, at) => [x, 2 * x + 1, at % 2, 3 * x + (at % 2)]);
    const run = await trained(numeric(rows, quantity, ['a', 'b', 'c', 'y']), { penalty: 'none' });
    const [a, b, c] = run.coefficients[0]!;
    expect(b).toBe(0);
    const deviation = (values: readonly number[]) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    };
    expect(a).toBeCloseTo(3 * deviation(next), 10);
    expect(c).toBeCloseTo(deviation([0, 1, 0, 1, 0]), 10);
  });

  test('columns that tell nothing leave the mean', async () => {
    const rows = [1, 2, 6].map((y) => [Infinity, null, 5, y]);
    const run = await trained(numeric(rows, quantity, ['a', 'b', 'c', 'y']));
    expect([...run.coefficients[0]!]).toEqual([3]);
    expect([...run.validate().predictions]).toEqual([3, 3, 3]);
  });

  test('classes that a plane divides, unpenalised, end with probabilities of almost 0 and 1', async () => {
    const rows = [-3, -2, -1, 1, 2, 3].map((x) => [x, Number(x > 0)]);
    const run = await trained(numeric(rows, noOrYes), { penalty: 'none' });
    expect(run.ended).toBe(true);
    const { predictions, labels } = run.validate();
    expect(Math.max(...predictions.map((p, row) => Math.abs(p - labels[row]!)))).toBeLessThan(1e-6);
  });

  test('a class that no training row has is given no probability', async () => {
    const rows = [-2, -1, 0, 1, 2, 3].map((x) => [x, x < 0 ? 0 : 2]);
    const run = await trained(numeric(rows, { kind: 'multiclass', classes: [0, 1, 2] }));
    const { predictions } = run.validate();
    for (let row = 0; row < rows.length; row++) {
      expect(predictions[row * 3 + 1]).toBe(0);
      expect(predictions[row * 3]! + predictions[row * 3 + 2]!).toBeCloseTo(1, 6);
    }
    expect(predictions[0]).toBeGreaterThan(0.5);
  });
});

test('the passes are the trainable’s own', () => {
  expect(linear.pass).toBe(linearPass);
});
