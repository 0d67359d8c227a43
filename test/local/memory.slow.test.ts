import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngine } from '../../local/engine.ts';
import { chance } from '../core/training/tables.ts';
import { putSpec, specOf } from '../support/step-world.ts';

/** Digits, since a cell of two bytes is eight in memory: the table comes to four times its size. */
const columns = Array.from({ length: 32 }, (_, at) => `d${at}`);
const rows = 2_000_000;
/** A function may have so much, which is less than the table's columns take. */
const memoryMiB = 480;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-memory-'));
  await pipeline(Readable.from(digits()), createWriteStream(join(folder, 'digits.csv')));
});
afterAll(() => rm(folder, { recursive: true }));

/** A hundred blocks of the same rows; `d0` says much of `hit`. */
function* digits(): Generator<string> {
  yield `${columns.join()},hit\n`;
  const next = chance(1);
  const block = Array.from({ length: rows / 100 }, () => {
    const cells = columns.map(() => Math.floor(next() * 10));
    return `${cells.join()},${Number(next() * 10 < cells[0]!)}\n`;
  }).join('');
  for (let copy = 0; copy < 100; copy++) yield block;
}

test('a table that is larger than a function’s memory is split, learned from and predicted, in one shard', async () => {
  const path = join(folder, 'digits.csv');
  const { size } = await stat(path);
  expect(4 * size).toBeGreaterThan(memoryMiB * 2 ** 20);
  const engine = startEngine({
    store: join(folder, 'store'),
    root: resolve('.'),
    mlflow: Promise.resolve(undefined),
    limits: { 'split-shard': { memoryMiB }, 'predict-shard': { memoryMiB } },
  });
  try {
    const table = { path, shards: 1 };
    const tune = { trials: 1, scheduler: { kind: 'none', max: 2 }, space: { leaves: [4] } };
    const predict = { table, keep: ['d0'] };
    const spec = await putSpec(
      engine.store,
      specOf({ table, target: 'hit', inputs: ['d0', 'd1', 'd2'], tune, predict }),
    );
    const { dataset, rows: sides } = Object(await engine.run('split', { spec }, 'split'));
    expect(sides.train + sides.validation + sides.test).toBe(rows);
    const { model, best } = Object(await engine.run('tune', { spec, dataset, lanes: 1 }, 'tune'));
    expect(best.value).toBeGreaterThan(0.7);
    const predicted = Object(await engine.run('predict', { spec, model, dataset: null }, 'predict'));
    expect(predicted).toMatchObject({ rows, predicted: rows, rejected: 0 });
    const peaks = engine.peaks();
    expect(peaks['split-shard']).toBeLessThan(memoryMiB);
    expect(peaks['predict-shard']).toBeLessThan(memoryMiB);
  } finally {
    await engine.close();
  }
});
