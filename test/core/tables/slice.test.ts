import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Batch, Field } from '../../../core/tables/batch.ts';
import { concatBatches } from '../../../core/tables/join.ts';
import { numbersOf, placesWhere, selectColumns, sliceRows, takeRows } from '../../../core/tables/slice.ts';
import { batchOf, rowsOf, type Value } from '../../support/tables.ts';

const fields: readonly Field[] = [
  { name: 'f', type: 'float' },
  { name: 'i', type: 'integer' },
  { name: 'b', type: 'boolean' },
  { name: 't', type: 'timestamp' },
  { name: 's', type: 'string' },
];

const row: fc.Arbitrary<Value[]> = fc.tuple(
  fc.option(fc.double({ noNaN: true })),
  fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  fc.option(fc.boolean()),
  fc.option(fc.integer()),
  fc.option(fc.string({ maxLength: 2 })),
);
const rows = fc.array(row, { maxLength: 12 });

describe('rows of a batch', () => {
  test('are taken by their places, and cut out as a range', () => {
    fc.assert(
      fc.property(rows, fc.array(fc.nat(11)), fc.nat(12), fc.nat(12), (all, wanted, from, to) => {
        const batch = batchOf(fields, all);
        const places = wanted.filter((place) => place < all.length);
        expect(rowsOf(takeRows(batch, Int32Array.from(places)))).toEqual(places.map((place) => all[place]));
        const [start, end] = [Math.min(from, all.length), Math.min(Math.max(from, to), all.length)];
        expect(rowsOf(sliceRows(batch, start, end))).toEqual(all.slice(start, end));
      }),
    );
  });

  test('of several batches join, whatever their dictionaries', () => {
    fc.assert(
      fc.property(fc.array(rows, { minLength: 1, maxLength: 4 }), (parts) => {
        expect(rowsOf(concatBatches(parts.map((part) => batchOf(fields, part))))).toEqual(parts.flat());
      }),
    );
  });

  test('do not join where their columns differ', () => {
    const one = batchOf([{ name: 'x', type: 'float' }], [[1]]);
    const other = batchOf([{ name: 'x', type: 'string' }], [['1']]);
    expect(() => concatBatches([one, other])).toThrow('where one has x (float) another has x (string)');
    expect(() => concatBatches([])).toThrow(/one at least/);
  });

  test('are found by what passes', () => {
    expect(placesWhere(Uint8Array.of(0, 2, 1, 0), (side) => side === 0)).toEqual(Int32Array.of(0, 3));
  });
});

describe('columns of a batch', () => {
  const batch = batchOf(fields, [
    [0.5, 2n ** 62n, true, -5, 'x'],
    [null, null, null, null, null],
  ]);

  test('are taken by name, in that order; a name that is not there is refused', () => {
    const some = selectColumns(batch, ['s', 'f']);
    expect(some.fields.map(({ name }) => name)).toEqual(['s', 'f']);
    expect(rowsOf(some)).toEqual([
      ['x', 0.5],
      [null, null],
    ]);
    expect(() => selectColumns(batch, ['g'])).toThrow('"g"');
  });

  test('are doubles where that is asked for, missing ones not-a-numbers', () => {
    const numbers = batch.columns.slice(0, 4).map((column) => [...numbersOf(column)]);
    expect(numbers).toEqual([
      [0.5, NaN],
      [2 ** 62, NaN],
      [1, NaN],
      [-5, NaN],
    ]);
    const narrow: Batch['columns'][number] = { type: 'integer', values: Int32Array.of(-7), valid: null };
    expect([...numbersOf(narrow)]).toEqual([-7]);
    expect(() => numbersOf(batch.columns[4]!)).toThrow('A column of strings has no numbers.');
  });
});
