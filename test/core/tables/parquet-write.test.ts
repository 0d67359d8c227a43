import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import type { Field } from '../../../core/tables/batch.ts';
import { takeRows } from '../../../core/tables/slice.ts';
import { encodeTable } from '../../../core/tables/write.ts';
import { batchOf } from '../../support/tables.ts';

const fields: readonly Field[] = [
  { name: 'everyOneDiffers', type: 'float' },
  { name: 'recurs', type: 'integer' },
  { name: 'always', type: 'integer' },
  { name: 'never', type: 'float' },
  { name: 'word', type: 'string' },
  { name: 'id', type: 'string' },
  { name: 'flag', type: 'boolean' },
];

/** More than a page, and a second row group. */
const rows = Array.from({ length: 2 ** 18 + 70_001 }, (_, row) => [
  row / 7,
  row % 11 === 0 ? null : BigInt(row % 1000) * 2n ** 40n - 5n,
  7n,
  null,
  row % 5 === 0 ? null : ['a', 'é', '東京'][row % 3]!,
  `row ${row}`,
  row % 13 === 0 ? null : row % 2 === 0,
]);

test('a Parquet file of several pages and row groups is read by another reader as it was', async () => {
  const bytes = encodeTable('parquet', [batchOf(fields, rows)]);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const { row_groups: groups } = parquetMetadata(file);
  expect(groups.map((group) => Number(group.num_rows))).toEqual([2 ** 18, 70_001]);
  // Values that recur are numbered, others stand as they are.
  const hasDictionary = groups[0]!.columns.map(({ meta_data }) =>
    meta_data!.encodings.includes('RLE_DICTIONARY'),
  );
  expect(hasDictionary).toEqual([false, true, true, true, true, false, false]);
  const read = await parquetReadObjects({ file });
  expect(read).toHaveLength(rows.length);
  let different = 0;
  for (const [at, row] of rows.entries())
    for (const [place, { name }] of fields.entries())
      if ((read[at]![name] ?? null) !== row[place]) different++;
  expect(different).toBe(0);
});

test('a Parquet file is the same however its rows were batched', () => {
  const whole = batchOf(fields, rows);
  const cuts = [0, 1, 70_000, 70_000, 2 ** 18 - 3, 2 ** 18 + 5, rows.length];
  const batches = cuts.slice(1).map((end, at) => {
    const places = Int32Array.from({ length: end - cuts[at]! }, (_, row) => cuts[at]! + row);
    return takeRows(whole, places);
  });
  expect(Buffer.from(encodeTable('parquet', batches)).equals(encodeTable('parquet', [whole]))).toBe(true);
});

test('columns of which some batches hold 32 bits and others 64 are of 64', async () => {
  const [one, two] = [
    { values: Float32Array.of(0.5, Number.NaN), ids: Int32Array.of(1, 2), valid: Uint8Array.of(1, 0) },
    { values: Float64Array.of(0.1), ids: BigInt64Array.of(2n ** 40n), valid: null },
  ].map(({ values, ids, valid }) => ({
    rows: ids.length,
    fields: [
      { name: 'x', type: 'float' as const },
      { name: 'id', type: 'integer' as const },
    ],
    columns: [
      { type: 'float' as const, values, valid },
      { type: 'integer' as const, values: ids, valid: null },
    ],
  }));
  const file = encodeTable('parquet', [one!, two!]).buffer as ArrayBuffer;
  expect(parquetMetadata(file).schema.map(({ type }) => type)).toEqual([undefined, 'DOUBLE', 'INT64']);
  expect(await parquetReadObjects({ file })).toEqual([
    { x: 0.5, id: 1n },
    { x: null, id: 2n },
    { x: 0.1, id: 2n ** 40n },
  ]);
});
