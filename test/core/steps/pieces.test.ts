import { describe, expect, test } from 'vitest';
import { SplitReceipt } from '../../../core/contracts/job.ts';
import { keys } from '../../../core/contracts/keys.ts';
import { ShardWriter } from '../../../core/steps/dataset-shard.ts';
import { HeldBytes } from '../../../core/steps/held-bytes.ts';
import { readPartition } from '../../../core/steps/job.ts';
import { readObject } from '../../../core/steps/objects.ts';
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
    await writer.add({ side: from % 200 === 0 ? 'train' : 'test' }, batchFrom(from));
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
