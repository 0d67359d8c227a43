import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fieldsNamed } from '../../../core/tables/fields.ts';
import { planShards } from '../../../core/tables/plan.ts';
import { inferSchema } from '../../../core/tables/schema.ts';
import { encodeTable } from '../../../core/tables/write.ts';
import { byteSource } from '../../support/byte-source.ts';
import { expectedTable, fixture } from '../../support/fixture-tables.ts';
import { batchOf, readAll, readIn } from '../../support/tables.ts';

const files = ['snappy-v1', 'zstd-v2', 'gzip-plain', 'delta', 'dictionary-overflow', 'int96', 'polars'];

describe('a Parquet file', () => {
  for (const file of files) {
    test(`written by another library (${file}) holds what that library says`, async () => {
      const source = await fixture(`${file}.parquet`);
      const schema = await inferSchema([source], 'parquet');
      const expected = await expectedTable();
      expect(schema.fields.map(({ name, type }) => [name, type])).toEqual(expected.fields);
      const table = await readIn(source, 'parquet', schema, 1, { batchRows: 37 });
      for (const [i, [name]] of expected.fields.entries()) {
        expect([name, table.rows.map((row) => row[i])]).toEqual([name, expected.columns[name]]);
      }
      expect(table.rowIds).toEqual(Array.from({ length: 500 }, (_, i) => i));
    });
  }

  test('gives the columns that are asked for, in that order', async () => {
    const source = await fixture('snappy-v1.parquet');
    const schema = await inferSchema([source], 'parquet');
    const shards = await planShards([source], 'parquet', schema, { targetBytes: 1e9 });
    const table = await readAll(source, shards, schema, { columns: ['whole', 'few'] });
    const { columns } = await expectedTable();
    expect(table.rows).toEqual(columns.whole!.map((value, i) => [value, columns.few![i]]));
  });

  test('is cut between row groups: each row in one shard, with its index in the file', async () => {
    const source = await fixture('snappy-v1.parquet');
    const schema = await inferSchema([source], 'parquet');
    const shards = await planShards([source], 'parquet', schema, { targetBytes: 1, shards: 30 });
    const ranges = shards.map((shard) =>
      shard.kind === 'rows' ? [shard.firstGroup, shard.endGroup, shard.firstRow, shard.rows] : [],
    );
    expect(ranges).toEqual([
      [0, 1, 0, 200],
      [1, 2, 200, 200],
      [2, 3, 400, 100],
    ]);
    expect(await readAll(source, shards, schema)).toEqual(await readIn(source, 'parquet', schema, 1));
  });

  test('gives the same rows however it is cut', async () => {
    const source = await fixture('zstd-v2.parquet');
    const schema = await inferSchema([source], 'parquet');
    const whole = await readIn(source, 'parquet', schema, 1);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 600 }),
        async (shards, batchRows) => {
          expect(await readIn(source, 'parquet', schema, shards, { batchRows })).toEqual(whole);
        },
      ),
      { numRuns: 10 },
    );
  });

  test('may have columns that cannot be read, which are refused only if they are asked for', async () => {
    const source = await fixture('nested.parquet');
    const schema = await inferSchema([source], 'parquet');
    expect(schema.fields).toEqual([{ name: 'id', type: 'integer' }]);
    expect(() => fieldsNamed(schema, ['tags'])).toThrow('The column tags cannot be read: it is a list');
    expect(() => fieldsNamed(schema, ['at'])).toThrow(
      'The column at cannot be read: it is of type INT64 (TIME)',
    );
    expect((await readIn(source, 'parquet', schema, 1)).rows).toEqual([[1n], [2n]]);
  });

  test('without rows has no shards; without bytes, or that is none, it is refused', async () => {
    const empty = await fixture('empty.parquet');
    const schema = await inferSchema([empty], 'parquet');
    expect(await planShards([empty], 'parquet', schema, { targetBytes: 100 })).toEqual([]);
    await expect(inferSchema([byteSource('')], 'parquet')).rejects.toThrow(/has zero bytes/);
    await expect(inferSchema([byteSource('a,b\n1,2\n'.repeat(9))], 'parquet')).rejects.toThrow(
      /is not a Parquet file/,
    );
  });

  test('whose pages are broken is refused, with the column', async () => {
    const bytes = new Uint8Array(
      await readFile(new URL('../../fixtures/tables/zstd-v2.parquet', import.meta.url)),
    );
    const source = byteSource(bytes);
    const schema = await inferSchema([source], 'parquet');
    bytes.fill(0xff, 200, 2000);
    await expect(readIn(source, 'parquet', schema, 1)).rejects.toThrow(
      /Column \w+ of file:\/\/\/.* cannot be read \(row group 0, byte \d+\)/,
    );
  });

  test('with a codec of the caller is decompressed by it', async () => {
    const source = await fixture('zstd-v2.parquet');
    const schema = await inferSchema([source], 'parquet');
    const { compressors } = await import('hyparquet-compressors');
    let pages = 0;
    const ZSTD = async () => (input: Uint8Array, length: number) => {
      pages++;
      return compressors.ZSTD!(input, length);
    };
    await readIn(source, 'parquet', schema, 1, { decompressors: { ZSTD } });
    expect(pages).toBeGreaterThan(10);
  });

  test('that we wrote holds what was written', async () => {
    const batch = batchOf(
      [
        { name: 'f', type: 'float' },
        { name: 'i', type: 'integer' },
        { name: 'b', type: 'boolean' },
        { name: 't', type: 'timestamp' },
        { name: 's', type: 'string' },
      ],
      [
        [0.1, 2n ** 63n - 1n, true, 978_307_260_000, 'é'],
        [null, null, null, null, null],
        [-1e300, -(2n ** 63n), false, -1, ''],
      ],
    );
    const source = byteSource(encodeTable('parquet', [batch, batch]));
    const schema = await inferSchema([source], 'parquet');
    expect(schema.fields).toEqual(batch.fields);
    const rows = [
      [0.1, 2n ** 63n - 1n, true, 978_307_260_000, 'é'],
      [null, null, null, null, null],
      [-1e300, -(2n ** 63n), false, -1, ''],
    ];
    expect((await readIn(source, 'parquet', schema, 1)).rows).toEqual([...rows, ...rows]);
  });
});
