import { beforeAll, describe, expect, test } from 'vitest';
import { openGraph } from '../../../../adapters/onnxruntime/open-graph.ts';
import { noOrYes, type Task } from '../../../../core/contracts/task.ts';
import { metricOf } from '../../../../core/metrics/metrics.ts';
import type { Batch, Field } from '../../../../core/tables/batch.ts';
import { takeRows } from '../../../../core/tables/slice.ts';
import { mlp } from '../../../../core/training/mlp/mlp.ts';
import { prepareRows } from '../../../../core/training/mlp/prepare.ts';
import type { TrainingRun, TrainingTable } from '../../../../core/training/trainable.ts';
import { batchOf, type Cell, chance, memoryCache, mixedTable, tableOf } from '../tables.ts';

const never = (): boolean => false;
const ports = { openGraph };
type Given = Readonly<Record<string, number | string | boolean>>;

/** A function that starts runs on what was prepared and loaded. */
async function prepared(table: TrainingTable) {
  const cache = memoryCache();
  await mlp.prepare(table, cache);
  return async (params: Given = {}, checkpoint?: Uint8Array, most = 10, seed = 3) => {
    const loaded = await mlp.load(cache, table, ports);
    return mlp.start(loaded, mlp.params.parse(params), seed, checkpoint, { trial: 0, until: most, most });
  };
}

/** Byte for byte; much faster than `toEqual`. */
const isSame = (a: ArrayBufferView | undefined, b: ArrayBufferView): boolean =>
  a !== undefined && bytesOf(a).equals(bytesOf(b));
const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer, byteOffset, byteLength);

const predictionsOf = async (run: TrainingRun) => {
  const validated = await run.validate();
  if ('value' in validated) throw new TypeError('it has no value of its own');
  return validated;
};

describe('a run', () => {
  let start: Awaited<ReturnType<typeof prepared>>;
  let large: typeof start;
  beforeAll(async () => {
    start = await prepared(mixedTable(2000));
    large = await prepared(mixedTable());
  });

  test('learns from numbers, times, categories and what is missing', async () => {
    const run = await large({ alpha: 1 });
    await run.advance(6, never);
    const { predictions, labels } = await predictionsOf(run);
    expect(run.resource).toBe(6);
    // Of gbdt's 0.7715 on the same rows.
    expect(metricOf('auc', noOrYes, { predictions, labels })).toBeGreaterThan(0.76);
  });

  test.each<Given>([
    { batch_size: 500 },
    { dropout: 0.3, schedule: 'cosine', hidden_layer_sizes: '32, 16, 8', activation: 'gelu' },
    { weight_decay: 0.1, schedule: 'step', activation: 'tanh', hidden_layer_sizes: 20, embedding_size: 3 },
    { early_stopping: true, n_iter_no_change: 2, tol: 0, learning_rate_init: 0.05, activation: 'logistic' },
  ])('goes on from a checkpoint bit for bit, in the middle of an epoch too: %j', async (params) => {
    const whole = await start(params);
    await whole.advance(4, never);
    let checkpoint: Uint8Array | undefined;
    let parts = 0;
    for (;;) {
      const run = await start(params, checkpoint);
      if (run.resource >= 4 || run.ended) break;
      await run.advance(4, () => true);
      checkpoint = run.checkpoint();
      parts++;
    }
    // The last minibatch of an epoch is smaller, and has a part of its own.
    expect(parts).toBeGreaterThanOrEqual(params.early_stopping ? 6 : 8);
    expect(isSame(checkpoint, whole.checkpoint())).toBe(true);
    expect(isSame((await start(params, checkpoint)).toOnnx(), whole.toOnnx())).toBe(true);
  });

  test('stands between two epochs where it is stopped in one', async () => {
    const run = await start();
    await run.advance(3, () => true);
    expect(run.resource).toBe(0);
    await run.advance(3, () => true);
    expect(run.resource).toBe(1);
  });

  test('is another by another seed, and the same by the same', async () => {
    const [a, b, c] = [
      await start({}, undefined, 10, 1),
      await start({}, undefined, 10, 1),
      await start({}, undefined, 10, 2),
    ];
    for (const run of [a, b, c]) await run.advance(1, never);
    expect(isSame(a.checkpoint(), b.checkpoint())).toBe(true);
    expect(isSame(a.toOnnx(), c.toOnnx())).toBe(false);
  });

  test('refuses a checkpoint of other parameters, and one that was cut off', async () => {
    const run = await start({ alpha: 0.5 });
    await run.advance(1, never);
    const checkpoint = run.checkpoint();
    await expect(start({ alpha: 0.25 }, checkpoint)).rejects.toThrow(/"alpha":0.5.*"alpha":0.25/);
    await expect(start({ alpha: 0.5 }, checkpoint.subarray(0, -4))).rejects.toThrow(
      /bytes, \d+ are expected/,
    );
  });

  test('fails by its name where it diverges', async () => {
    const run = await start({ alpha: 1e42 });
    await expect(run.advance(2, never)).rejects.toThrow(
      expect.objectContaining({
        name: 'TrainableFailed',
        message: expect.stringMatching(/by epoch 1 the network/),
      }),
    );
  });

  test('ends early, and keeps the epoch that was best', async () => {
    const params = { early_stopping: true, n_iter_no_change: 3, tol: 0, learning_rate_init: 0.05, alpha: 0 };
    const run = await start(params, undefined, 100);
    await run.advance(100, never);
    expect(run.ended).toBe(true);
    expect(run.resource).toBeLessThan(40);
    const same = await start({ ...params, early_stopping: false }, undefined, 100);
    const losses: number[] = [];
    for (let epoch = 1; epoch <= run.resource + 3; epoch++) {
      await same.advance(epoch, never);
      const { predictions, labels } = await predictionsOf(same);
      losses.push(metricOf('log_loss', noOrYes, { predictions, labels }));
    }
    expect(losses.indexOf(Math.min(...losses))).toBe(run.resource - 1);
    await run.advance(100, never);
    const { predictions, labels } = await predictionsOf(run);
    expect(metricOf('log_loss', noOrYes, { predictions, labels })).toBe(losses[run.resource - 1]);
  });

  test('of a batch larger than the table takes the table at once', async () => {
    const run = await start({ batch_size: 65_536 });
    await run.advance(2, () => true);
    expect(run.resource).toBe(1);
  });
});

const regression: Task = { kind: 'regression' };

/** y = 1000 + 50 (a − b²), with a column that tells nothing, one that is never there and one that is infinite at times. */
function numbersBatch(rows: number, seed: number): Batch {
  const next = chance(seed);
  const fields: Field[] = ['a', 'b', 'same', 'empty', 'wild', 'y', 'w'].map((name) => ({
    name,
    type: 'float',
  }));
  return batchOf(
    fields,
    Array.from({ length: rows }, (): Cell[] => {
      const [a, b] = [next() * 2 - 1, next() * 2 - 1];
      const wild = [Infinity, -Infinity, a][Math.floor(next() * 3)]!;
      return [a, b, 7, null, wild, 1000 + 50 * (a - b * b), Math.floor(next() * 3)];
    }),
  );
}

const numbersTable = (inputs = ['a', 'b', 'same', 'empty', 'wild'], weight?: string): TrainingTable =>
  tableOf(
    { train: [numbersBatch(3000, 1)], validation: [numbersBatch(1000, 2)] },
    inputs,
    { kind: 'column', column: 'y' },
    regression,
    weight,
  );

test('a number is learned whatever its size, beside columns that are constant, empty and infinite', async () => {
  const start = await prepared(numbersTable());
  const run = await start({ learning_rate_init: 0.02, batch_size: 100 });
  await run.advance(8, never);
  const { predictions, labels } = await predictionsOf(run);
  const error = Math.sqrt(
    predictions.reduce((sum, p, row) => sum + (p - labels[row]!) ** 2, 0) / labels.length,
  );
  // The deviation of y is 32.5.
  expect(error).toBeLessThan(3);
});

test('a row that weighs two is two rows, and one that weighs nothing is none', async () => {
  const batch = numbersBatch(600, 1);
  const w = batch.columns.at(-1) as Extract<Batch['columns'][number], { type: 'float' }>;
  const repeated = takeRows(
    batch,
    Int32Array.from([...w.values].flatMap((weight, row) => Array<number>(weight).fill(row))),
  );
  const trained = async (train: Batch, weight?: string) => {
    const sides = { train: [train], validation: [numbersBatch(100, 2)] };
    const table = tableOf(sides, ['a', 'b'], { kind: 'column', column: 'y' }, regression, weight);
    const run = await (await prepared(table))({ batch_size: 1000, alpha: 0.5 });
    await run.advance(20, never);
    return predictionsOf(run);
  };
  const one = await trained(repeated);
  const other = await trained(batch, 'w');
  // The columns and the target are scaled by the rows there are, whatever they weigh: only about the same is learned.
  const apart = one.predictions.map((value, row) => Math.abs(value - other.predictions[row]!));
  expect(Math.max(...apart)).toBeLessThan(3);
  expect(other.weights).toHaveLength(100);
  expect(one.weights).toBeUndefined();
});

describe('more classes than two', () => {
  const task: Task = { kind: 'multiclass', classes: ['a', 'b', 'c', 'd'] };
  const fields: Field[] = [
    { name: 'x', type: 'float' },
    { name: 'z', type: 'float' },
    { name: 'kind', type: 'string' },
  ];
  const batch = (rows: number, seed: number) => {
    const next = chance(seed);
    return batchOf(
      fields,
      Array.from({ length: rows }, (): Cell[] => {
        const [x, z] = [next() - 0.5, next() - 0.5];
        return [x, z, task.classes[Number(x > 0) * 2 + Number(z > 0)]! as string];
      }),
    );
  };

  test('have probabilities that sum to 1', async () => {
    const sides = { train: [batch(4000, 1)], validation: [batch(500, 2)] };
    const start = await prepared(tableOf(sides, ['x', 'z'], { kind: 'column', column: 'kind' }, task));
    const run = await start({ learning_rate_init: 0.02 });
    await run.advance(6, never);
    const { predictions, labels } = await predictionsOf(run);
    expect(predictions).toHaveLength(4 * 500);
    let right = 0;
    for (const [row, label] of labels.entries()) {
      const own = [...predictions.subarray(4 * row, 4 * row + 4)];
      expect(own.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
      right += Number(own.indexOf(Math.max(...own)) === label);
    }
    expect(right / labels.length).toBeGreaterThan(0.95);
  });
});

describe('what is prepared', () => {
  test('is read, not made, a second time; what was altered is made anew', async () => {
    const table = mixedTable();
    const cache = memoryCache();
    const first = await mlp.prepare(table, cache);
    const objects = new Map(cache.objects);
    expect(await mlp.prepare(table, { ...cache, write: () => Promise.reject(new Error('written')) })).toEqual(
      first,
    );
    const before = await mlp.load(cache, table, ports);
    cache.objects.set('train-00000.bin', objects.get('train-00000.bin')!.subarray(8));
    const after = await mlp.load(cache, table, ports);
    expect(isSame(after.train.numbers, before.train.numbers)).toBe(true);
    for (const [name, bytes] of objects) expect(isSame(cache.objects.get(name), bytes), name).toBe(true);
  });

  test('is a sample, told, where the rows need more memory than there is', async () => {
    const table = mixedTable();
    const cache = memoryCache();
    const trainedOn = await prepareRows(table, cache, { budget: 200_000 });
    const { train, manifest } = await mlp.load(cache, table, ports);
    const bytes = 8 + 4 * (manifest.plan.numbers.length + manifest.plan.categories.length) + 12;
    expect(train.rows).toBe(trainedOn.rows);
    expect(trainedOn.of).toBeGreaterThan(6000);
    expect(trainedOn.rows * bytes).toBeLessThan(220_000);
    expect(trainedOn.rows * bytes).toBeGreaterThan(180_000);
  });

  const late = (rows: readonly Cell[][]): Batch =>
    batchOf(
      [
        { name: 'x', type: 'float' },
        { name: 'late', type: 'boolean' },
      ],
      rows,
    );
  const both = late([
    [1, true],
    [2, false],
  ]);
  const of = (train: Batch, validation = both) =>
    tableOf({ train: [train], validation: [validation] }, ['x'], { kind: 'column', column: 'late' });

  test.each<[string, TrainingTable, RegExp]>([
    ['one class', of(late([[1, true]])), /all 1 labelled training rows are 1; at least two classes/],
    ['no label', of(late([[1, null]])), /the train side has no row with a value of "late"/],
    ['no label to validate by', of(both, late([[1, null]])), /the validation side has no row/],
    [
      'nothing that tells the rows apart',
      of(
        late([
          [1, true],
          [1, false],
        ]),
      ),
      /x has one value in all training rows/,
    ],
    [
      'weights of zero',
      tableOf(
        { train: [numbersBatch(5, 1)], validation: [numbersBatch(5, 1)] },
        ['a'],
        { kind: 'column', column: 'y' },
        regression,
        'none',
      ),
      /columns.weight: no column "none"/,
    ],
  ])('is refused with %s', async (_name, table, message) => {
    await expect(mlp.prepare(table, memoryCache())).rejects.toThrow(message);
  });
});

test.each<[Given, RegExp]>([
  [{ hidden_layer_sizes: '64,' }, /use a number or a text/],
  [{ hidden_layer_sizes: '64,x' }, /use a number or a text/],
  [{ hidden_layer_sizes: 5000 }, /1 to 4096/],
  [{ hidden_layer_sizes: '9,9,9,9,9,9,9,9,9' }, /at most 8 layers/],
  [{ learning_rate: 0.1 }, /has no parameter .*did you mean learning_rate_init/],
  [{ dropout: 1 }, /0.95/],
])('parameters are refused: %j', (given, message) => {
  expect(() => mlp.params.parse(given)).toThrow(message);
});
