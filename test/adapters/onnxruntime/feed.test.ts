import { expect, test } from 'vitest';
import { feeding } from '../../../adapters/onnxruntime/feed.ts';
import type { Feed } from '../../../core/onnx/bind.ts';
import type { Batch } from '../../../core/tables/batch.ts';
import { readCsv } from '../../../core/tables/csv-read.ts';
import { byteSource } from '../../support/byte-source.ts';

const names = ['a', 'b', 'c', 'd', 'e'];
const lines = Array.from({ length: 7 }, (_, row) => names.map((_name, column) => row + column / 4).join(','));
const source = byteSource(`${names.join(',')}\n${lines.join('\n')}\n`);

/** As a prediction has it: arrays that are lent, which lie in the memory that the text was read in. */
async function batchInRoom(): Promise<Batch> {
  const shard = {
    kind: 'bytes',
    format: 'csv',
    index: 0,
    bytes: source.size,
    start: 0,
    end: source.size,
  } as const;
  const whole = { ...shard, source, startsInQuotes: false };
  const fields = names.map((name) => ({ name, type: 'float' as const }));
  for await (const { batch } of readCsv(source, whole, fields, ',', 4, new Set(names))) return batch;
  throw new Error('no batch');
}

const matrix = (input: string, columns: readonly string[]): Feed => ({
  ...{ input, type: 'float32', layout: 'matrix', columns, shape: ['rows', columns.length] },
});

test('inputs that are matrices of columns of one room have each its own rows', async () => {
  const batch = await batchInRoom();
  const feeds = [matrix('X', ['a', 'b', 'c']), matrix('Y', ['e', 'd'])];
  const tensorOf = feeding(feeds, [], batch, new Map())(1, 3);
  const [x, y] = [tensorOf('X'), tensorOf('Y')];
  expect([...(x.data as Float32Array)]).toEqual([1, 1.25, 1.5, 2, 2.25, 2.5]);
  expect([...(y.data as Float32Array)]).toEqual([2, 1.75, 3, 2.75]);
});

test('the only one is made in the room, of doubles as the nearest floats', async () => {
  const batch = await batchInRoom();
  const x = feeding([matrix('X', ['b', 'a', 'c', 'e', 'd'])], [], batch, new Map())(2, 4)('X');
  expect([...(x.data as Float32Array)]).toEqual([2.25, 2, 2.5, 3, 2.75, 3.25, 3, 3.5, 4, 3.75]);
  expect((x.data as Float32Array).buffer).toBe((batch.columns[0] as { values: Float64Array }).values.buffer);
});
