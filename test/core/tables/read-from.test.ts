import { describe, expect, test } from 'vitest';
import type { ByteSource } from '../../../core/store.ts';
import type { Field } from '../../../core/tables/batch.ts';
import { type TableFormat, tableFormats } from '../../../core/tables/format.ts';
import { planShards } from '../../../core/tables/plan.ts';
import { inferSchema } from '../../../core/tables/schema.ts';
import { encodeTable } from '../../../core/tables/write.ts';
import { byteSource } from '../../support/byte-source.ts';
import { fixture } from '../../support/fixture-tables.ts';
import { batchOf, readAll, readIn, type Value } from '../../support/tables.ts';

const fields: readonly Field[] = [
  { name: 'n', type: 'integer' },
  { name: 'text', type: 'string' },
];
const rows = Array.from({ length: 40 }, (_, row): Value[] => [
  BigInt(row),
  row % 3 === 0 ? `two\r\n"lines" of ${row}` : `row ${row}`,
]);

const encoded = (format: TableFormat): ByteSource =>
  byteSource(encodeTable(format, [batchOf(fields, rows.slice(0, 25)), batchOf(fields, rows.slice(25))]));

describe('a shard is read on from any of its rows', () => {
  for (const format of tableFormats) {
    test(`as ${format}`, async () => {
      const source = encoded(format);
      const schema = { fields };
      let seen = 0;
      for (const shard of await planShards([source], format, schema, { targetBytes: 1, shards: 3 })) {
        const { rowIds } = await readAll(source, [shard], schema);
        for (const [at, from] of rowIds.entries()) {
          const rest = await readAll(source, [shard], schema, { from, batchRows: 7 });
          expect(rest.rows).toEqual(rows.slice(seen + at, seen + rowIds.length));
          expect(rest.rowIds).toEqual(rowIds.slice(at));
        }
        seen += rowIds.length;
      }
      expect(seen).toBe(rows.length);
    });
  }

  test('of a Parquet file of several row groups and pages that others wrote', async () => {
    for (const file of ['snappy-v1', 'zstd-v2', 'dictionary-overflow', 'delta', 'polars']) {
      const source = await fixture(`${file}.parquet`);
      const schema = await inferSchema([source], 'parquet');
      const whole = await readIn(source, 'parquet', schema, 1);
      for (const from of [0, 1, 63, 199, 200, 399, 455, 499]) {
        const rest = await readIn(source, 'parquet', schema, 1, { from, batchRows: 90 });
        expect(rest.rows).toEqual(whole.rows.slice(from));
        expect(rest.rowIds[0]).toBe(from);
      }
    }
  });

  test('behind a byte order mark', async () => {
    const source = byteSource('\u{feff}{"n":1}\n{"n":2}\n');
    const schema = { fields: fields.slice(0, 1) };
    const { rows: all, rowIds } = await readIn(source, 'ndjson', schema, 1);
    expect([all, rowIds]).toEqual([
      [[1n], [2n]],
      [3, 11],
    ]);
    expect((await readIn(source, 'ndjson', schema, 1, { from: 3 })).rows).toEqual([[1n], [2n]]);
    expect((await readIn(source, 'ndjson', schema, 1, { from: 11 })).rows).toEqual([[2n]]);
  });
});
