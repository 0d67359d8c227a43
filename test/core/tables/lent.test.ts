import { expect, test } from 'vitest';
import type { ByteSource } from '../../../core/store.ts';
import type { Batch, Field } from '../../../core/tables/batch.ts';
import { planShards } from '../../../core/tables/plan.ts';
import { readShard } from '../../../core/tables/read.ts';
import { inferSchema } from '../../../core/tables/schema.ts';
import { encodeTable } from '../../../core/tables/write.ts';
import { byteSource } from '../../support/byte-source.ts';
import { fixture } from '../../support/fixture-tables.ts';
import { batchOf, readIn, rowsOf, type Value } from '../../support/tables.ts';

const fields: readonly Field[] = [
  { name: 'id', type: 'integer' },
  { name: 'x', type: 'float' },
  { name: 'at', type: 'timestamp' },
  { name: 'is', type: 'boolean' },
  { name: 'word', type: 'string' },
];
const rows = Array.from({ length: 100 }, (_, row): Value[] => [
  BigInt(row),
  row % 7 === 0 ? null : row + 0.5,
  row * 1000,
  row % 5 === 0 ? null : row % 2 === 0,
  row % 11 === 0 ? null : `word ${row % 13}`,
]);

/** A file that reads to where it is told to, as one on a disk does. */
const toRoom = (source: ByteSource): ByteSource => ({
  ...source,
  read: async (start, end, room = (length) => new Uint8Array(length)) => {
    const bytes = room(end - start);
    bytes.set(await source.read(start, end));
    return bytes;
  },
});

const numberFields = fields.slice(0, 4);
const files = {
  parquet: encodeTable('parquet', [batchOf(fields, rows.slice(0, 61)), batchOf(fields, rows.slice(61))]),
  csv: encodeTable('csv', [batchOf(fields, rows)]),
  ndjson: encodeTable('ndjson', [batchOf(fields, rows)]),
};

for (const [format, bytes] of Object.entries(files)) {
  test(`${format}: a batch that is lent is what it is until the next but one is asked for; the others stay`, async () => {
    const source = toRoom(byteSource(bytes, `table.${format}`));
    const [shard] = await planShards([source], format as 'csv', { fields }, { targetBytes: 1e9 });
    const lent = new Set(numberFields.map(({ name }) => name));
    const read: Batch[] = [];
    const values: Value[][] = [];
    const arrays = new Map<unknown, Set<number>>();
    for await (const { batch } of readShard(source, shard!, { fields }, { batchRows: 7, lent })) {
      const [before] = read.slice(-1);
      if (before) values.push(...rowsOf(before));
      read.push(batch);
      const [, x] = batch.columns;
      if (x?.type === 'float')
        arrays.set(x.values.buffer, new Set(arrays.get(x.values.buffer)).add(x.values.byteOffset));
    }
    values.push(...rowsOf(read.at(-1)!));
    expect(values).toEqual(rows);
    // Two in turn, and the last batch may have one of its own.
    expect([...arrays.values()].reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(3);
    const words = read.flatMap((batch) => rowsOf(batch).map((row) => row[4]));
    expect(words).toEqual(rows.map((row) => row[4]));
  });
}

test('csv: rows longer than what is read at once leave what is lent as it is', async () => {
  const long = Array.from({ length: 60 }, (_, row): Value[] => [
    BigInt(row),
    row / 8,
    row % 13 === 12 ? 'x'.repeat(30_000 * (row - 10)) : `note ${row}`,
  ]);
  const [id, x, , , word] = fields;
  const schema = { fields: [id!, x!, word!] };
  const bytes = encodeTable('csv', [batchOf(schema.fields, long)]);
  const source = { ...toRoom(byteSource(bytes)), chunkBytes: 2 ** 16 };
  const [shard] = await planShards([source], 'csv', schema, { targetBytes: 1e9 });
  for (const batchRows of [3, 20]) {
    const values: Value[][] = [];
    let before: Batch | undefined;
    for await (const { batch } of readShard(source, shard!, schema, {
      batchRows,
      lent: new Set(['id', 'x']),
    })) {
      if (before) values.push(...rowsOf(before));
      before = batch;
    }
    values.push(...rowsOf(before!));
    expect(values).toEqual(long);
  }
});

test('of Parquet files that others wrote, in pages and row groups of every size, one value is as the other', async () => {
  for (const name of [
    'snappy-v1',
    'zstd-v2',
    'dictionary-overflow',
    'delta',
    'polars',
    'gzip-plain',
    'int96',
  ]) {
    const source = toRoom(await fixture(`${name}.parquet`));
    const schema = await inferSchema([source], 'parquet');
    const { rows: expected } = await readIn(source, 'parquet', schema, 1);
    const [shard] = await planShards([source], 'parquet', schema, { targetBytes: 1e9 });
    for (const [batchRows, near] of [
      ...[[1, {}] as const, [30, {}] as const, [90, {}] as const],
      // Page by page, as a file is read.
      ...[[1, { chunkBytes: 0 }] as const, [90, { chunkBytes: 0 }] as const],
    ]) {
      const lent = new Set(schema.fields.filter((_, place) => place % 2 === 0).map((field) => field.name));
      const values: Value[][] = [];
      let before: Batch | undefined;
      for await (const { batch } of readShard({ ...source, ...near }, shard!, schema, {
        batchRows,
        lent,
      })) {
        if (before) values.push(...rowsOf(before));
        before = batch;
      }
      values.push(...rowsOf(before!));
      expect([name, batchRows, values]).toEqual([name, batchRows, expected]);
    }
  }
});
