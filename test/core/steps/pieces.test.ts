import { describe, expect, test } from 'vitest';
import { SplitReceipt } from '../../../core/contracts/job.ts';
import { keys } from '../../../core/contracts/keys.ts';
import { ShardWriter } from '../../../core/steps/dataset-shard.ts';
import { HeldBytes } from '../../../core/steps/held-bytes.ts';
import { readPartition } from '../../../core/steps/job.ts';
import { readObject } from '../../../core/steps/objects.ts';
import { PredictionWriter } from '../../../core/steps/prediction-writer.ts';
import { decodeJson } from '../../../core/store.ts';
import { decodeArrow } from '../../../core/tables/arrow-decode.ts';
import type { Batch } from '../../../core/tables/batch.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { batchOf, rowsOf } from '../../support/tables.ts';

const job = 'datasets/d-0123456789ab/';
const batchFrom = (from: number): Batch =>
  batchOf(
    [{ name: 'x', type: 'float' }],
    Array.from({ length: 100 }, (_, row) => [from + row]),
  );

describe('held bytes', () => {
  test('are those of the columns, with a dictionary that batches share once', () => {
    const dictionary = ['a'.repeat(76), 'b'.repeat(76)];
    const codes = new Int32Array(50);
    const batch: Batch = {
      rows: 50,
      fields: [{ name: 'w', type: 'string' }],
      columns: [{ type: 'string', codes, dictionary, valid: null }],
    };
    // 50 codes of 4 bytes, and two words of 24 + 76 bytes.
    const held = new HeldBytes(601);
    expect(held.add(batch)).toBe(false);
    expect(held.add(batch)).toBe(false);
    expect(held.add(batch)).toBe(true);
    held.clear();
    expect(held.add(batch)).toBe(false);
    expect(new HeldBytes(400).add(batch)).toBe(true);
  });
});

test('a shard of a dataset that comes to more than a piece is written in several, with one receipt', async () => {
  const store = memoryStore();
  // 100 doubles are 800 bytes: three batches make a piece, whatever their sides.
  const writer = new ShardWriter(store, job, 7, new HeldBytes(2400));
  for (const from of [0, 100, 200, 300, 400, 500, 600]) {
    await writer.add(from % 200 === 0 ? 'train' : 'test', batchFrom(from));
  }
  await writer.finish();
  const { partitions } = await readObject(store, keys.receipt(job, 7), SplitReceipt);
  const files = [...partitions.train, ...partitions.test].map(({ key, rows }) => [key, rows]);
  expect(files).toEqual([
    [`${job}train/00007.arrow`, 200],
    [`${job}train/00007-1.arrow`, 100],
    [`${job}train/00007-2.arrow`, 100],
    [`${job}test/00007.arrow`, 100],
    [`${job}test/00007-1.arrow`, 200],
  ]);
  expect(partitions.validation).toEqual([]);
  const values: unknown[] = [];
  for (const partition of partitions.train) {
    for (const batch of decodeArrow(await readPartition(store, partition))) values.push(...rowsOf(batch));
  }
  expect(values.flat()).toEqual(
    [0, 200, 400, 600].flatMap((from) => Array.from({ length: 100 }, (_, i) => from + i)),
  );
  const profiles = decodeJson((await store.get(keys.shardProfile(job, 7)))!.body);
  expect(profiles).toMatchObject({ train: { rows: 400 }, validation: null, test: { rows: 300 } });
});

test('a shard of a prediction that comes to more than a part is written in several, with one receipt', async () => {
  const store = memoryStore();
  const writer = new PredictionWriter(store, 'predictions/p/', 3, 'csv', new HeldBytes(1600));
  for (const row of [0, 100, 200]) await writer.add(batchFrom(row), { file: 'a.csv', row });
  await writer.finish(300);
  expect(decodeJson((await store.get(keys.receipt('predictions/p/', 3)))!.body)).toMatchObject({
    rows: 300,
    predicted: 300,
    rejected: 0,
    parts: [
      { key: 'predictions/p/part-00003.csv', rows: 200, from: { file: 'a.csv', row: 0 } },
      { key: 'predictions/p/part-00003-1.csv', rows: 100, from: { file: 'a.csv', row: 200 } },
    ],
  });
  const second = new TextDecoder().decode((await store.get('predictions/p/part-00003-1.csv'))!.body);
  expect(second.split('\n').slice(0, 3)).toEqual(['x', '200', '201']);
});
