import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeArrow } from '../../../core/tables/arrow-decode.ts';
import { encodeArrow } from '../../../core/tables/arrow-encode.ts';
import type { Field } from '../../../core/tables/batch.ts';
import { inferSchema } from '../../../core/tables/schema.ts';
import { takeRows } from '../../../core/tables/slice.ts';
import { byteSource } from '../../support/byte-source.ts';
import { expectedTable, fixture } from '../../support/fixture-tables.ts';
import { batchOf, readIn, rowsOf } from '../../support/tables.ts';

const fields: readonly Field[] = [
  { name: 'f', type: 'float' },
  { name: 'i', type: 'integer' },
  { name: 'b', type: 'boolean' },
  { name: 't', type: 'timestamp' },
  { name: 's', type: 'string' },
];

describe('an Arrow file', () => {
  for (const file of ['pyarrow.arrow', 'stream.arrow', 'polars.arrow', 'zstd.feather']) {
    test(`written by another library (${file}) holds what that library says`, async () => {
      const source = await fixture(file);
      const schema = await inferSchema([source], 'arrow');
      const expected = await expectedTable();
      expect(schema.fields.map(({ name, type }) => [name, type])).toEqual(expected.fields);
      const table = await readIn(source, 'arrow', schema, 1, { batchRows: 37 });
      for (const [i, [name]] of expected.fields.entries()) {
        expect([name, table.rows.map((row) => row[i])]).toEqual([name, expected.columns[name]]);
      }
      expect(table.rowIds).toEqual(Array.from({ length: 500 }, (_, i) => i));
    });
  }

  test('compressed with LZ4, as pandas does by default, is read too', async () => {
    const source = await fixture('lz4.feather');
    const schema = await inferSchema([source], 'arrow');
    const { columns } = await expectedTable();
    const table = await readIn(source, 'arrow', schema, 1, { columns: ['name', 'float64'] });
    expect(table.rows).toEqual([0, 1, 2].map((i) => [columns.name![i], columns.float64![i]]));
  });

  test('that we wrote holds what was written, batch by batch', () => {
    const value = fc.tuple(
      fc.option(fc.double({ noNaN: true })),
      fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      fc.option(fc.boolean()),
      fc.option(fc.integer({ min: -1e14, max: 1e14 })),
      fc.option(fc.string()),
    );
    fc.assert(
      fc.property(fc.array(fc.array(value, { maxLength: 20 }), { minLength: 1, maxLength: 4 }), (batches) => {
        const decoded = decodeArrow(encodeArrow(batches.map((rows) => batchOf(fields, rows))));
        expect(decoded.map((batch) => batch.fields)).toEqual(batches.map(() => fields));
        expect(decoded.map(rowsOf)).toEqual(batches);
      }),
      { numRuns: 100 },
    );
  });

  test('has only the words that its rows use', () => {
    const all = batchOf([{ name: 's', type: 'string' }], [['a'], ['b'], ['c'], ['b']]);
    const [some] = decodeArrow(encodeArrow(takeRows(all, Int32Array.of(1, 3))));
    expect(some!.columns[0]).toMatchObject({ dictionary: ['b'], codes: Int32Array.of(0, 0) });
  });

  test('keeps 32-bit integers as they are unless another batch has wider ones', () => {
    const narrow = {
      rows: 1,
      fields: [{ name: 'i', type: 'integer' }] as const,
      columns: [{ type: 'integer', values: Int32Array.of(-5), valid: null }] as const,
    };
    const wide = {
      ...narrow,
      columns: [{ type: 'integer', values: BigInt64Array.of(7n), valid: null }] as const,
    };
    expect(decodeArrow(encodeArrow(narrow))[0]!.columns[0]).toMatchObject({ values: Int32Array.of(-5) });
    expect(decodeArrow(encodeArrow([narrow, wide])).map(rowsOf)).toEqual([[[-5n]], [[7n]]]);
  });

  test('at an odd place in memory is read all the same', () => {
    const file = encodeArrow(batchOf(fields, [[0.5, 1n, true, 2, 'x']]));
    const odd = new Uint8Array(file.length + 3).subarray(3);
    odd.set(file);
    expect(decodeArrow(odd).map(rowsOf)).toEqual([[[0.5, 1n, true, 2, 'x']]]);
  });

  test('that is none, or is cut off, is refused', async () => {
    expect(() => decodeArrow(new Uint8Array(100))).not.toThrow(TypeError);
    await expect(inferSchema([byteSource('hello, this is text')], 'arrow')).rejects.toThrow(
      /is not an Arrow IPC file or stream/,
    );
    const file = encodeArrow(batchOf(fields, [[0.5, 1n, true, 2, 'x']]));
    expect(() => decodeArrow(file.subarray(0, file.length - 40))).toThrow(
      /not an Arrow IPC file or stream that can be read/,
    );
  });
});
