import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binsOfColumn, nextUp } from '../../../core/drift/bins.ts';
import { counterOf, expectedOf, labelsOf } from '../../../core/drift/count-bins.ts';
import type { Column, FieldType } from '../../../core/tables/batch.ts';
import { profileOf } from '../../../core/tables/profile.ts';
import { batchOf, type Value } from '../../support/tables.ts';
import { chance } from '../training/tables.ts';

const column = (type: FieldType, values: readonly Value[]): Column =>
  batchOf(
    [{ name: 'x', type }],
    values.map((value) => [value]),
  ).columns[0]!;

const binsOf = (type: FieldType, values: readonly Value[]) =>
  binsOfColumn(
    profileOf(
      batchOf(
        [{ name: 'x', type }],
        values.map((value) => [value]),
      ),
    ).columns[0]!,
  );

const counted = (bins: ReturnType<typeof binsOf>, type: FieldType, values: readonly Value[]) => {
  const counter = counterOf(bins);
  counter.add(column(type, values));
  return counter.counts();
};

const times = <T>(count: number, of: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => of(at));

const numbersTo = (count: number): number[] => times(count, (at) => at);

describe('bins of numbers', () => {
  test('are tenths of the rows', () => {
    expect(binsOf('float', numbersTo(100))).toMatchObject({
      edges: [10, 20, 30, 40, 50, 60, 70, 80, 90],
      counts: times(10, () => 10),
      ...{ min: 0, max: 99, missing: 0, infinite: 0 },
    });
  });

  test('keep equal values together, and set what is frequent apart', () => {
    const values = [...times(5, () => 0), ...times(90, () => 7), ...times(5, (at) => 10 + at)];
    expect(binsOf('float', values)).toMatchObject({ edges: [7, 10], counts: [5, 90, 5] });
  });

  test('are one where all values are equal, and none is seen where all are missing', () => {
    expect(binsOf('float', [5, 5, 5])).toMatchObject({ edges: [], counts: [3], min: 5, max: 5 });
    const none = binsOf('float', [null, null, null]);
    expect(none).toMatchObject({ edges: [], counts: [0], min: null, max: null, missing: 3 });
    // Missing, infinite, below, above, the bin.
    expect(counted(none, 'float', [1, -1, null, Infinity])).toEqual([1, 1, 2, 0, 0]);
  });

  test('count what training had none of apart', () => {
    const bins = binsOf('float', [...numbersTo(100), null, Infinity]);
    const values = [null, -Infinity, Infinity, -0.1, 99.1, 1e308, 9.9, 10, 99];
    expect(counted(bins, 'float', values)).toEqual([1, 2, 1, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect(expectedOf(bins)).toEqual([1, 1, 0, 0, ...times(10, () => 10)]);
    expect(labelsOf(bins).slice(0, 6)).toEqual([
      ...['missing', 'infinite', 'below', 'above'],
      ...['0 to below 10', '10 to below 20'],
    ]);
  });

  test.each(['integer', 'timestamp'] as const)('hold %ss too, and those that come as floats', (type) => {
    const values = type === 'integer' ? [1n, 1n, 2n, 2n, null] : [1, 1, 2, 2, null];
    const bins = binsOf(type, values);
    expect(bins).toMatchObject({ edges: [2], counts: [2, 2], missing: 1 });
    expect(counted(bins, type, values)).toEqual([1, 0, 0, 0, 2, 2]);
    expect(counted(bins, 'float', [1, 1.5, 3, null])).toEqual([1, 0, 0, 1, 2, 0]);
  });

  const numbers = fc.oneof(
    fc.double({ noDefaultInfinity: false }),
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(null, 0, -0, Infinity, -Infinity, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE),
  );
  test('hold exactly the rows that they were made of', () => {
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 300 }), (values) => {
        const bins = binsOf('float', values);
        expect(counted(bins, 'float', values)).toEqual(expectedOf(bins));
      }),
    );
  });

  test.each([
    ['of one sign', (x: number) => x],
    ['of both signs', (x: number) => x - 0.5],
    ['below zero, over many magnitudes', (x: number) => -((2 * x) ** 300)],
    ['beside the least that there are', (x: number) => Math.round((x - 0.5) * 8000) * Number.MIN_VALUE],
  ])('hold exactly the rows that they were made of, where the sketch rounds numbers %s', (_, of) => {
    const next = chance(11);
    const values = times(3000, () => of(next()));
    expect(new Set(values).size).toBeGreaterThan(2048);
    const bins = binsOf('float', values);
    expect(counted(bins, 'float', values)).toEqual(expectedOf(bins));
    expect(bins.counts).toHaveLength(10);
    for (const count of bins.counts) expect(Math.abs(count - 300)).toBeLessThan(5);
  });

  test('are the same of a value in single and in double precision', () => {
    const values = times(3000, (at) => (at % 30) / 10);
    const single: Column = { type: 'float', values: Float32Array.from(values), valid: null };
    const batch = { rows: 3000, fields: [{ name: 'x', type: 'float' }], columns: [single] } as const;
    const bins = [binsOf('float', values), binsOfColumn(profileOf(batch).columns[0]!)];
    expect(bins.map((each) => each.kind === 'numbers' && each.single)).toEqual([false, true]);
    for (const each of bins) {
      const counter = counterOf(each);
      counter.add(single);
      expect(counter.counts()).toEqual(expectedOf(each));
      expect(counted(each, 'float', values)).toEqual(expectedOf(each));
      expect(counted(each, 'float', [1e300, -Infinity])).toEqual([0, 1, 0, 1, ...times(10, () => 0)]);
    }
  });
});

describe('bins of categories', () => {
  const words = [...times(3, () => 'a'), ...times(2, () => 'b'), 'c', null];

  test('are a word each, and tell new ones from known ones', () => {
    const bins = binsOf('string', words);
    expect(bins).toMatchObject({
      words: ['a', 'b', 'c'],
      counts: [3, 2, 1],
      others: 0,
      rest: [],
      missing: 1,
    });
    // Missing, new, other, a, b, c.
    expect(counted(bins, 'string', ['c', 'd', 'd', null, 'a'])).toEqual([1, 2, 0, 1, 0, 1]);
    expect(labelsOf(bins)).toEqual(['missing', 'new', 'other', '= a', '= b', '= c']);
  });

  test('are the twenty most frequent words; the others are known, but one bin', () => {
    const many = times(30, (at) => times(30 - at, () => `w${String(at).padStart(2, '0')}`)).flat();
    const bins = binsOf('string', many);
    if (bins.kind !== 'categories') throw new Error('no categories');
    expect(bins.words).toHaveLength(20);
    // 10 + 9 + … + 1
    expect(bins).toMatchObject({ others: 55, rest: expect.arrayContaining(['w20', 'w29']) });
    expect(counted(bins, 'string', ['w00', 'w29', 'x']).slice(0, 4)).toEqual([0, 1, 1, 1]);
    expect(counted(bins, 'string', many)).toEqual(expectedOf(bins));
  });

  test('of names or ids know no new one', () => {
    const bins = binsOf(
      'string',
      times(5000, (at) => `id-${at}`),
    );
    expect(bins).toMatchObject({ rest: null, others: 4980 });
    expect(counted(bins, 'string', ['another', 'id-4999']).slice(0, 3)).toEqual([0, 0, 2]);
  });

  test('of booleans hold the numbers that stand for them', () => {
    const bins = binsOf('boolean', [true, true, true, false, null]);
    expect(bins).toMatchObject({ words: ['true', 'false'], counts: [3, 1], missing: 1 });
    expect(counted(bins, 'boolean', [true, false, false])).toEqual([0, 0, 0, 1, 2]);
    expect(counted(bins, 'float', [1, 0, 0, 0.5, null])).toEqual([1, 1, 0, 1, 2]);
    expect(counted(binsOf('float', [0, 0, 1]), 'boolean', [true, false])).toEqual([0, 0, 0, 0, 1, 1]);
  });
});

test('the next double is the next', () => {
  for (const value of [1, -1, 0, -0, 2 ** 52, -(2 ** 52), Number.MIN_VALUE, -Number.MIN_VALUE]) {
    const next = nextUp(value);
    expect(next).toBeGreaterThan(value);
    const between = value + (next - value) / 2;
    expect(between === value || between === next).toBe(true);
  }
  expect(nextUp(Number.MAX_VALUE)).toBe(Infinity);
});
