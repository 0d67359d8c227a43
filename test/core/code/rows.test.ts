import { describe, expect, test } from 'vitest';
import type { ColumnValues } from '../../../core/code/column-values.ts';
import { Rows } from '../../../core/code/rows.ts';
import { decodeArrow } from '../../../core/tables/arrow-decode.ts';
import { encodeArrow } from '../../../core/tables/arrow-encode.ts';
import { type Field, tableOf } from '../../../core/tables/batch.ts';
import { sliceRows } from '../../../core/tables/slice.ts';
import { batchOf, rowsOf, type Value } from '../../support/tables.ts';

const fields: readonly Field[] = [
  { name: 'distance', type: 'float' },
  { name: 'seats', type: 'integer' },
  { name: 'late', type: 'boolean' },
  { name: 'at', type: 'timestamp' },
  { name: 'city', type: 'string' },
];
const noon = Date.UTC(2026, 0, 1, 12);
const table: readonly Value[][] = [
  [1.5, 2n ** 53n + 1n, true, noon, 'Oslo'],
  [null, null, null, null, null],
  [Infinity, -3n, false, noon + 0.5, 'Rome'],
];
const rows = new Rows(batchOf(fields, table));

/** What a column holds after a file was made of it and read again. */
function kept(given: Rows, name: string): Value[] {
  const at = given.fields.findIndex((field) => field.name === name);
  return decodeArrow(encodeArrow(tableOf(given.batch, 'the test'))).flatMap((batch) =>
    rowsOf(batch).map((row) => row[at]!),
  );
}

const refused = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    expect(error).toMatchObject({ name: 'UserCodeFailed' });
    return (error as Error).message;
  }
  throw new Error('it was not refused');
};

describe('numbers', () => {
  test.each([
    ['a float', 'distance', [1.5, NaN, Infinity]],
    ['an integer, rounded beyond 2^53', 'seats', [2 ** 53, NaN, -3]],
    ['a boolean as 1 and 0', 'late', [1, NaN, 0]],
    ['a time in milliseconds', 'at', [noon, NaN, noon + 0.5]],
  ])('are %s, NaN where it is missing', (_, name, wanted) => {
    expect([...rows.numbers(name)]).toEqual(wanted);
  });

  test('are a copy: what is done to them leaves the rows as they were', () => {
    rows.numbers('distance').fill(7);
    expect([...rows.numbers('distance')]).toEqual([1.5, NaN, Infinity]);
  });

  test('of a column of strings are refused, and strings of one of numbers', () => {
    expect(refused(() => rows.numbers('city'))).toBe("column city holds strings: rows.strings('city')");
    expect(refused(() => rows.strings('seats'))).toContain("of type integer: rows.numbers('seats')");
  });
});

test('strings are null where they are missing', () => {
  expect(rows.strings('city')).toEqual(['Oslo', null, 'Rome']);
});

test.each([
  ['column', () => rows.column('citty')],
  ['numbers', () => rows.numbers('citty')],
  ['select', () => rows.select(['late', 'citty'])],
  ['drop', () => rows.drop(['citty'])],
])('%s names the nearest of the columns that there are', (_, act) => {
  expect(refused(act)).toBe(
    'there is no column "citty"; did you mean city? (there are: distance, seats, late, at, city)',
  );
});

describe('a new column', () => {
  const noTime = new Date(Number.NaN);
  test.each<[string, ColumnValues, string, Value[]]>([
    ['a Float32Array', Float32Array.of(0.5, NaN, 2), 'float', [0.5, null, 2]],
    ['a Float64Array', Float64Array.of(0.1, NaN, -0.2), 'float', [0.1, null, -0.2]],
    ['an Int32Array', Int32Array.of(1, -2, 3), 'integer', [1, -2, 3]],
    ['a BigInt64Array', BigInt64Array.of(2n ** 60n, -1n, 0n), 'integer', [2n ** 60n, -1n, 0n]],
    ['a Uint8Array', Uint8Array.of(1, 0, 1), 'boolean', [true, false, true]],
    ['numbers', [1, null, undefined], 'float', [1, null, null]],
    ['numbers after missing ones', [NaN, null, 4], 'float', [null, null, 4]],
    ['bigints', [null, 5n, 2n ** 62n], 'integer', [null, 5n, 2n ** 62n]],
    ['booleans', [null, false, true], 'boolean', [null, false, true]],
    ['Dates', [new Date(noon), null, noTime], 'timestamp', [noon, null, null]],
    ['strings', ['', null, 'a'], 'string', ['', null, 'a']],
    ['whole numbers, declared', { type: 'integer', values: [1, null, -7] }, 'integer', [1n, null, -7n]],
    ['milliseconds, declared', { type: 'timestamp', values: [noon, null, 0] }, 'timestamp', [noon, null, 0]],
    [
      'missing values, declared',
      { type: 'string', values: [null, null, null] },
      'string',
      [null, null, null],
    ],
    ['another column', rows.column('seats'), 'integer', [2n ** 53n + 1n, null, -3n]],
  ])('of %s keeps its values through a file', (_, values, type, wanted) => {
    const more = rows.with({ more: values });
    expect(more.fields.at(-1)).toEqual({ name: 'more', type });
    expect(kept(more, 'more')).toEqual(wanted);
    expect(rows.fields).toEqual(fields);
  });

  test('takes the place of the one that had its name, and keeps its type where all is missing', () => {
    const changed = rows.with({ seats: [null, null, null], city: [1, 2, 3] });
    expect(changed.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
      ...['distance float', 'seats integer', 'late boolean', 'at timestamp', 'city float'],
    ]);
  });

  test('is a copy of an array that is used again', () => {
    const scratch = Float64Array.of(1, 2, 3);
    const first = rows.with({ x: scratch });
    scratch.fill(9);
    expect([...first.numbers('x')]).toEqual([1, 2, 3]);
  });

  test.each<[string, unknown, string | RegExp]>([
    ['too few values', [1, 2], 'column x: 2 values were given for 3 rows'],
    ['too few codes', { ...rows.column('city'), codes: new Int32Array(2) }, /2 values were given for 3 rows/],
    ['values of two types', [1, 'a', 2], 'column x: it is of type float, but row 1 holds "a"'],
    ['missing values alone', [null, null, null], /^column x: all of its 3 values are missing.*declare it/],
    [
      'a fraction among integers',
      { type: 'integer', values: [1, 2.5, 3] },
      /type integer, but row 1 holds 2\.5/,
    ],
    ['a bigint of more than 64 bits', [2n ** 63n, 1n, 1n], /row 0 holds 9223372036854775808n/],
    ['other bytes than 0 and 1', Uint8Array.of(0, 1, 2), /type boolean, but row 2 holds 2/],
    ['objects', [{}, {}, {}], /\[object Object\] is no value of a column/],
    ['a promise', Promise.resolve([1]), /is no column: give an array, or \{ type, values \}/],
    ['an array of another kind', new Int16Array(3), /use Float64Array or Int32Array/],
    ['a type that is none', { type: 'number', values: [1, 2, 3] }, /of float, integer, boolean/],
    [
      'codes beyond the dictionary',
      { ...rows.column('city'), codes: Int32Array.of(0, 0, 9) },
      /code 9 is not/,
    ],
  ])('of %s is refused', (_, values, message) => {
    expect(refused(() => rows.with({ x: values as ColumnValues }))).toMatch(message);
  });
});

describe('a column of tensors', () => {
  const values = Float32Array.of(1, 2, 3, 4, 5, 6);
  const pixels = rows.with({ pixels: { type: 'tensor', shape: [1, 2], values } });

  test('goes with its rows, and is for no table', () => {
    expect(pixels.fields.at(-1)).toEqual({ name: 'pixels', type: 'tensor' });
    expect(pixels.take([2, 0]).column('pixels')).toMatchObject({ values: Float32Array.of(5, 6, 1, 2) });
    expect(sliceRows(pixels.batch, 1, 2).columns.at(-1)).toMatchObject({ values: Float32Array.of(3, 4) });
    expect(refused(() => pixels.numbers('pixels'))).toBe(
      "column pixels holds tensors: rows.column('pixels').values",
    );
    expect(refused(() => tableOf(pixels.batch, 'predict.postprocess'))).toBe(
      'column "pixels" holds tensors [1, 2], which a model takes and no table holds: predict.postprocess is to leave it out',
    );
    expect(tableOf(pixels.drop(['pixels']).batch, 'nobody').fields).toEqual(fields);
  });

  test.each<[string, unknown, string]>([
    [
      'too few values',
      { shape: [2, 2], values },
      '6 values were given for 3 rows of shape [2, 2], which are 12',
    ],
    ['no shape', { shape: [], values }, "its shape is ; a tensor's is whole numbers above 0"],
    ['doubles', { shape: [2], values: new Float64Array(6) }, "a tensor's are a Float32Array"],
  ])('of %s is refused', (_, given, message) => {
    const column = { type: 'tensor', ...(given as object) } as ColumnValues;
    expect(refused(() => rows.with({ x: column }))).toMatch(message);
  });
});

test('select, drop, filter and take give other rows, and leave these', () => {
  expect(rows.select(['city', 'late']).fields.map(({ name }) => name)).toEqual(['city', 'late']);
  expect(rows.drop(['at', 'late']).fields.map(({ name }) => name)).toEqual(['distance', 'seats', 'city']);
  expect(rows.filter((row) => row !== 1).strings('city')).toEqual(['Oslo', 'Rome']);
  expect(rows.take([2, 0, 2]).strings('city')).toEqual(['Rome', 'Oslo', 'Rome']);
  expect(rows.filter(() => false).with({ x: [] }).count).toBe(0);
  expect(rows.count).toBe(3);
  expect(rowsOf(tableOf(rows.batch, 'the test'))).toEqual(table);
});

test.each([[3], [-1], [0.5]])('row %d cannot be taken of three', (row) => {
  expect(refused(() => rows.take([0, row]))).toBe(
    `rows.take: there is no row ${row}; there are 3 rows, numbered from 0`,
  );
});
