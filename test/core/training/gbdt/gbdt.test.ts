import { beforeAll, describe, expect, test } from 'vitest';
import { noOrYes } from '../../../../core/contracts/task.ts';
import { metricOf } from '../../../../core/metrics/metrics.ts';
import { prepareBins } from '../../../../core/training/bins/prepare.ts';
import type { Arena } from '../../../../core/training/gbdt/arena.ts';
import { gbdt } from '../../../../core/training/gbdt/gbdt.ts';
import {
  batchOf,
  type Cell,
  chance,
  memoryCache,
  mixedBatch,
  mixedInputs,
  mixedTable,
  tableOf,
} from '../tables.ts';

const never = (): boolean => false;

const trained = (arena: Arena, params: Record<string, number>, rounds: number, seed = 7) => {
  const run = gbdt.start(arena, gbdt.params.parse({ min_data: 5, ...params }), seed);
  run.advance(rounds, never);
  return run;
};

describe('gbdt', () => {
  let arena: Arena;
  beforeAll(async () => {
    const cache = memoryCache();
    await gbdt.prepare(mixedTable(), cache);
    arena = await gbdt.load(cache);
  });

  const random = { leaves: 15, feature_fraction: 0.5, bagging_fraction: 0.7, l1: 0.1, l2: 1 };

  // LightGBM 4.7 has a validation AUC of 0.761 with these rows and parameters.
  test('learns as well as LightGBM', () => {
    const rows = trained(arena, { leaves: 15, learning_rate: 0.3 }, 40).validate();
    expect(metricOf('auc', noOrYes, rows)).toBeGreaterThan(0.76);
  });

  test('gives scores and labels for the validation rows that have a target', () => {
    const { predictions: scores, labels } = trained(arena, {}, 1).validate();
    const late = mixedBatch(2500, 3).columns.at(-1);
    const kept = late?.type === 'boolean' ? [...late.values].filter((_, row) => late.valid?.[row] !== 0) : [];
    expect([...labels]).toEqual(kept);
    expect(scores).toHaveLength(kept.length);
  });

  test.each([
    ['all rows and features', { leaves: 31 }],
    ['samples of rows and features', random],
  ])('resumes bit for bit from a checkpoint, with %s', (_, params) => {
    const straight = trained(arena, params, 27);
    const nine = trained(arena, params, 9);
    const resumed = gbdt.start(arena, gbdt.params.parse({ min_data: 5, ...params }), 7, nine.checkpoint());
    expect(resumed.resource).toBe(9);
    resumed.advance(27, never);
    expect(resumed.checkpoint()).toEqual(straight.checkpoint());
    expect(resumed.validate()).toEqual(straight.validate());
    expect(resumed.toOnnx()).toEqual(straight.toOnnx());
  });

  test('does not mind that another run used the memory in between', () => {
    const alone = trained(arena, random, 6);
    const shared = trained(arena, random, 2);
    trained(arena, { leaves: 200 }, 2).validate();
    shared.validate();
    shared.advance(4, never);
    trained(arena, { leaves: 4 }, 1);
    shared.advance(6, never);
    expect(shared.checkpoint()).toEqual(alone.checkpoint());
    expect(shared.validate()).toEqual(alone.validate());
  });

  test('draws otherwise with another seed', () => {
    expect(trained(arena, random, 2, 1).toOnnx()).not.toEqual(trained(arena, random, 2, 2).toOnnx());
  });

  test('stops when its time is over, after at least one round', () => {
    const run = gbdt.start(arena, gbdt.params.parse({}), 1);
    run.advance(10, () => true);
    expect(run.resource).toBe(1);
  });

  test('lets a trial go on that still improves, with early stopping', () => {
    const run = gbdt.start(arena, gbdt.params.parse({ ...random, early_stopping_rounds: 5 }), 7);
    run.advance(12, never);
    expect([run.ended, run.resource]).toEqual([false, 12]);
  });

  test('refuses a checkpoint of other parameters, or one that is cut off', () => {
    const checkpoint = trained(arena, random, 2).checkpoint();
    const params = gbdt.params.parse({ min_data: 5, ...random });
    expect(() => gbdt.start(arena, params, 8, checkpoint)).toThrow('"seed":7');
    expect(() => gbdt.start(arena, params, 7, checkpoint.subarray(0, -4))).toThrow('bytes');
  });

  test('refuses parameters that it does not know', () => {
    expect(gbdt.params.safeParse({ leafs: 3 }).success).toBe(false);
    expect(gbdt.params.safeParse({ leaves: 1 }).success).toBe(false);
    expect(gbdt.params.parse({})).toMatchObject({ learning_rate: 0.1, leaves: 31, min_data: 20 });
  });
});

const xy = [
  { name: 'x', type: 'float' },
  { name: 'y', type: 'boolean' },
] as const;

async function prepared(train: readonly (readonly Cell[])[], validation = train) {
  const cache = memoryCache();
  const sides = { train: [batchOf(xy, train)], validation: [batchOf(xy, validation)] };
  await gbdt.prepare(tableOf(sides, ['x'], { kind: 'column', column: 'y' }), cache);
  return gbdt.load(cache);
}

describe('a first tree', () => {
  test('of two leaves steps from the log odds by the learning rate', async () => {
    // 8 rows, 2 positive: p = 1/4, G = Σ(p − y), H = Σ p(1 − p). Left: 4 rows without, right: 4 rows, 2 of them positive.
    const rows = [1, 1, 1, 1, 2, 2, 2, 2].map((x, row): Cell[] => [x, row >= 6]);
    const run = gbdt.start(
      await prepared(rows),
      gbdt.params.parse({ leaves: 2, min_data: 1, learning_rate: 0.5 }),
      1,
    );
    run.advance(1, never);
    const { predictions: scores } = run.validate();
    const logOdds = [...scores].map((p) => Math.log(p / (1 - p)));
    const h = 4 * (3 / 16);
    expect(logOdds[0]).toBeCloseTo(Math.log(1 / 3) - (0.5 * 1) / h, 5);
    expect(logOdds[7]).toBeCloseTo(Math.log(1 / 3) + (0.5 * 1) / h, 5);
  });
});

describe('early stopping', () => {
  // Labels without any pattern: what is learned of the training rows is wrong of the others, so that the first round is best.
  const noise = (from: number) =>
    Array.from({ length: 400 }, (_, row): Cell[] => {
      const z = Math.imul(from + row, 0x9e37_79b9) >>> 0;
      return [row, (z >>> 13) % 3 === 0];
    });
  const params = gbdt.params.parse({ leaves: 31, min_data: 1, learning_rate: 0.5, early_stopping_rounds: 3 });

  test('ends when the loss has not improved for so many rounds, and keeps the best ones', async () => {
    const bins = await prepared(noise(1), noise(10_007));
    const run = gbdt.start(bins, params, 1);
    run.advance(50, never);
    expect(run.ended).toBe(true);
    expect(run.resource).toBeLessThan(10);
    const { early_stopping_rounds: _, ...patient } = params;
    const losses = Array.from({ length: run.resource + 3 }, (_, round) => {
      const other = gbdt.start(bins, patient, 1);
      other.advance(round + 1, never);
      const { predictions: scores, labels } = other.validate();
      return labels.reduce((sum, label, row) => sum - Math.log(label ? scores[row]! : 1 - scores[row]!), 0);
    });
    expect(losses.indexOf(Math.min(...losses))).toBe(run.resource - 1);
  });

  test('ends at the same round after a resume, and is not trained again once it has ended', async () => {
    const bins = await prepared(noise(1), noise(10_007));
    const straight = gbdt.start(bins, params, 1);
    straight.advance(50, never);
    let checkpoint = gbdt.start(bins, params, 1).checkpoint();
    for (let invocation = 0; invocation < 12; invocation++) {
      const run = gbdt.start(bins, params, 1, checkpoint);
      run.advance(50, () => true);
      checkpoint = run.checkpoint();
    }
    expect(checkpoint).toEqual(straight.checkpoint());
    const again = gbdt.start(bins, params, 1, checkpoint);
    expect(again.ended).toBe(true);
    again.advance(100, never);
    expect(again.toOnnx()).toEqual(straight.toOnnx());
  });
});

describe('prepare', () => {
  test('learns the same bins from rows in another order and other batches', async () => {
    const next = chance(5);
    const rows = Array.from({ length: 300 }, (): Cell[] => [next() < 0.1 ? null : next() * 9, next() < 0.5]);
    const planOf = async (batches: readonly (readonly Cell[])[][]) => {
      const cache = memoryCache();
      const sides = { train: batches.map((each) => batchOf(xy, each)), validation: [batchOf(xy, rows)] };
      await gbdt.prepare(tableOf(sides, ['x'], { kind: 'column', column: 'y' }), cache);
      return (await gbdt.load(cache)).manifest.plan;
    };
    const turned = rows.toReversed();
    expect(await planOf([turned.slice(0, 17), turned.slice(17)])).toEqual(await planOf([rows]));
  });

  test('leaves a finished cache as it is', async () => {
    const cache = memoryCache();
    await gbdt.prepare(mixedTable(200), cache);
    const before = new Map(cache.objects);
    await gbdt.prepare(mixedTable(200), cache);
    expect(cache.objects).toEqual(before);
  });

  test('writes bins anew that were written by an older version', async () => {
    const cache = memoryCache();
    await gbdt.prepare(mixedTable(200), cache);
    const whole = new Map(cache.objects);
    const old = JSON.stringify({ format: 'gbdt-bins-1' });
    cache.objects.set('manifest.json', new TextEncoder().encode(old));
    await gbdt.prepare(mixedTable(200), cache);
    expect(cache.objects).toEqual(whole);
  });

  test.each([
    ['altered', (bytes: Uint8Array) => bytes.with(bytes.length - 1, 1 - bytes.at(-1)!)],
    ['cut off', (bytes: Uint8Array) => bytes.subarray(0, -1)],
    ['removed', () => undefined],
  ])('gives bins that are made anew where a chunk was %s', async (_, change) => {
    const cache = memoryCache();
    await gbdt.prepare(mixedTable(200), cache);
    const whole = new Map(cache.objects);
    for (const name of ['train-00000.bin', 'validation-00000.bin']) {
      const changed = change(whole.get(name)!);
      if (changed) cache.objects.set(name, changed);
      else cache.objects.delete(name);
      await expect(gbdt.load(cache)).rejects.toThrow(`${name} is not what its manifest says`);
      await gbdt.load(cache, mixedTable(200));
      expect(cache.objects).toEqual(whole);
    }
  });

  test('takes a sample of a table that does not fit, and says of how many rows', async () => {
    const cache = memoryCache();
    const all = await gbdt.prepare(mixedTable(2000), memoryCache());
    expect(all).toEqual({ rows: all.of, of: all.of });
    const taken = await prepareBins(mixedTable(2000), cache, { mostRows: () => all.of / 4 });
    expect(taken.of).toBe(all.of);
    expect(Math.abs(taken.rows - all.of / 4)).toBeLessThan(all.of / 16);
    expect(await gbdt.prepare(mixedTable(2000), cache)).toEqual(taken);
    expect((await gbdt.load(cache)).train.count).toBe(taken.rows);
  });

  test('refuses a table that it cannot learn from', async () => {
    const one = (y: Cell) => [
      [1, y],
      [2, y],
    ];
    await expect(prepared(one(true))).rejects.toThrow(
      'all 2 labelled training rows are 1; both 0 and 1 must occur',
    );
    await expect(prepared(one(null))).rejects.toThrow('the train side has no row with a value of "y"');
    const table = mixedTable(50);
    await expect(gbdt.prepare({ ...table, inputs: ['gone'] }, memoryCache())).rejects.toThrow(
      'no column "gone"',
    );
    await expect(gbdt.prepare({ ...table, inputs: [] }, memoryCache())).rejects.toThrow(
      'at least one column',
    );
    const clash = {
      ...table,
      fields: [...table.fields, { name: 'label', type: 'float' as const }],
      inputs: ['label'],
    };
    await expect(gbdt.prepare(clash, memoryCache())).rejects.toThrow(
      'column "label" has the name of a model output',
    );
    await expect(gbdt.load(memoryCache())).rejects.toThrow('manifest.json is missing');
  });

  test('takes every kind of column as an input', async () => {
    const cache = memoryCache();
    await gbdt.prepare(mixedTable(300), cache);
    const { plan } = (await gbdt.load(cache)).manifest;
    expect(plan.inputs.map((input) => input.name)).toEqual(mixedInputs);
    expect(plan.features).toHaveLength(mixedInputs.length + 2);
  });
});
