import { expect, test } from 'vitest';
import type { Batch, Floats } from '../../../core/tables/batch.ts';
import type { TableFormat } from '../../../core/tables/format.ts';
import { concatBatches } from '../../../core/tables/join.ts';
import { inferSchema } from '../../../core/tables/schema.ts';
import { numbersOf, takeRows } from '../../../core/tables/slice.ts';
import { encodeTable } from '../../../core/tables/write.ts';
import { byteSource } from '../../support/byte-source.ts';
import { readIn } from '../../support/tables.ts';

const batchOf = (values: Floats): Batch => ({
  rows: values.length,
  fields: [{ name: 'f', type: 'float' }],
  columns: [
    { type: 'float', values, valid: Uint8Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1)) },
  ],
});
const single = batchOf(Float32Array.of(0.1, NaN, -1.5));
const third = Math.fround(0.1);

test('floats of 32 bits stay so when batches are joined, and are widened beside ones of 64 bits', () => {
  expect(concatBatches([single, single]).columns[0]).toMatchObject({
    values: Float32Array.of(0.1, NaN, -1.5, 0.1, NaN, -1.5),
  });
  const mixed = concatBatches([single, batchOf(Float64Array.of(0.1))]);
  expect(mixed.columns[0]).toMatchObject({ values: Float64Array.of(third, NaN, -1.5, 0.1) });
});

test('floats of 32 bits are taken by rows, and are doubles to user code', () => {
  expect(takeRows(single, Int32Array.of(2, 0)).columns[0]).toMatchObject({
    values: Float32Array.of(-1.5, 0.1),
  });
  expect(numbersOf(single.columns[0]!)).toEqual(Float64Array.of(third, NaN, -1.5));
});

test('floats of 32 bits are read back as the same numbers from every format, from CSV and NDJSON as short as they were', async () => {
  const expected: Record<TableFormat, number> = { parquet: third, arrow: third, csv: 0.1, ndjson: 0.1 };
  for (const [format, first] of Object.entries(expected) as [TableFormat, number][]) {
    const bytes = encodeTable(format, [single, single]);
    const source = byteSource(bytes);
    const { rows } = await readIn(source, format, await inferSchema([source], format), 1);
    expect([format, rows.map(([value]) => value)]).toEqual([format, [first, null, -1.5, first, null, -1.5]]);
  }
});
