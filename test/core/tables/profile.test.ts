import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Field } from '../../../core/tables/batch.ts';
import { distinctOf } from '../../../core/tables/categories.ts';
import { planShards } from '../../../core/tables/plan.ts';
import {
  emptyProfile,
  mean,
  mergeProfiles,
  type Profile,
  profileOf,
  quantile,
  variance,
} from '../../../core/tables/profile.ts';
import { readShard } from '../../../core/tables/read.ts';
import { inferSchema } from '../../../core/tables/schema.ts';
import { sketchOf } from '../../../core/tables/sketch.ts';
import { fixture } from '../../support/fixture-tables.ts';
import { batchOf, type Value } from '../../support/tables.ts';

const numbers = (profile: Profile, name = 'x') => {
  const column = profile.columns.find((each) => each.name === name);
  if (column?.kind !== 'numbers') throw new Error(`no numbers in ${name}`);
  return column;
};

const words = (profile: Profile, name = 's') => {
  const column = profile.columns.find((each) => each.name === name);
  if (column?.kind !== 'categories') throw new Error(`no categories in ${name}`);
  return column;
};

const fields: readonly Field[] = [
  { name: 'x', type: 'float' },
  { name: 's', type: 'string' },
];

const profileOfRows = (rows: readonly (readonly Value[])[]) => profileOf(batchOf(fields, rows));

describe('the profile of a table', () => {
  test('says what pandas and numpy say', async () => {
    const source = await fixture('snappy-v1.parquet');
    const schema = await inferSchema([source], 'parquet');
    let profile = emptyProfile(schema);
    for (const shard of await planShards([source], 'parquet', schema, { targetBytes: 1 })) {
      for await (const { batch } of readShard(source, shard, schema, { batchRows: 33 })) {
        profile = mergeProfiles(profile, profileOf(batch));
      }
    }
    expect(profile.rows).toBe(500);
    // describe() of pandas 3.1.1, numpy.quantile(method='inverted_cdf') of numpy 2.4.6.
    const said: Record<
      string,
      readonly [mean: number, variance: number, min: number, max: number, quantiles: number[]]
    > = {
      float64: [
        0.04203249995182949,
        1.015420398458592,
        -3.661081810206792,
        3.148138653750855,
        [
          -2.2470295033213277, -0.6449608312139513, 0.0718892724861329, 0.7149506318072036,
          2.4151822041819053,
        ],
      ],
      few: [2.0046620046620047, 1.9018473738099906, 0, 4, [0, 1, 2, 3, 4]],
      day: [
        74953510489.51048,
        1.5660098483314282e24,
        -2133734400000,
        2143929600000,
        [-2114899200000, -1061856000000, 164851200000, 1184025600000, 2100038400000],
      ],
      small: [0.04428904428904429, 5442.346164738688, -128, 127, [-123, -64, -4, 66, 126]],
    };
    for (const [name, [theMean, theVariance, min, max, quantiles]] of Object.entries(said)) {
      const column = numbers(profile, name);
      expect(column).toMatchObject({ missing: 71, finite: 429, infinite: 0, min, max });
      expect(mean(column) / theMean).toBeCloseTo(1, 12);
      expect(variance(column) / theVariance).toBeCloseTo(1, 12);
      expect([0.01, 0.25, 0.5, 0.75, 0.99].map((q) => quantile(column, q))).toEqual(quantiles);
    }
    expect(words(profile, 'word').categories).toEqual({
      zeros: 0,
      others: 0,
      counts: [
        ['a,b', 72],
        ['Zürich', 66],
        ['x'.repeat(40), 64],
        ['', 61],
        ['say "hi"', 57],
        ['line\nbreak', 56],
        ['東京', 53],
      ],
    });
    expect(words(profile, 'flag').categories.counts).toEqual([
      ['false', 286],
      ['true', 143],
    ]);
    expect(words(profile, 'flag').missing).toBe(71);
  });

  test('survives JSON, and a table without rows has one', () => {
    const profile = profileOfRows([
      [1, 'a'],
      [Infinity, null],
      [null, 'b'],
    ]);
    expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
    expect(numbers(profile)).toMatchObject({ missing: 1, finite: 1, infinite: 1, min: 1, max: 1 });
    const empty = emptyProfile({ fields });
    expect(JSON.parse(JSON.stringify(empty))).toEqual(empty);
    expect(mergeProfiles(empty, profile)).toEqual(profile);
    expect([mean(numbers(empty)), variance(numbers(empty)), quantile(numbers(empty), 0.5)]).toEqual([
      NaN,
      NaN,
      NaN,
    ]);
  });

  test('of the whole is the merged one of its parts, in any order', () => {
    const value = fc.tuple(
      fc.option(
        fc.oneof(fc.double(), fc.integer({ min: -3, max: 3 }), fc.constantFrom(1e15, 1e15 + 1, -0, 0.1)),
      ),
      fc.option(fc.constantFrom('a', 'b', 'c', '')),
    );
    fc.assert(
      fc.property(fc.array(fc.array(value, { maxLength: 15 }), { maxLength: 6 }), (parts) => {
        const profiles = parts.map(profileOfRows);
        const merge = (some: readonly Profile[]) => some.reduce(mergeProfiles, emptyProfile({ fields }));
        const whole = profileOfRows(parts.flat());
        for (const merged of [merge(profiles), merge(profiles.toReversed())]) {
          expect(words(merged)).toEqual(words(whole));
          const { sums: _, ...ours } = numbers(merged);
          const { sums: __, ...theirs } = numbers(whole);
          expect(ours).toEqual(theirs);
        }
      }),
      { numRuns: 200, examples: [[[[[0, null]], [[-0, null]]]]] },
    );
  });

  test('says that it has no variance, or no mean, of numbers that no double can add up, also out of JSON', () => {
    const of = (values: readonly number[]) =>
      numbers(JSON.parse(JSON.stringify(profileOfRows(values.map((value) => [value, 'a'])))) as Profile);
    expect([mean(of([1e200, 3e200])), variance(of([1e200, 3e200]))]).toEqual([2e200, NaN]);
    expect([mean(of([1.7e308, 1.7e308])), variance(of([1.7e308, 1.7e308]))]).toEqual([NaN, NaN]);
  });

  test('has a mean and a variance that keep their digits far from zero', () => {
    // Around 1e9 by ±1: variance 2/3 over n - 1 = 2 is 1; the textbook formula in doubles loses all of it.
    const column = numbers(
      profileOfRows([
        [1e9 - 1, ''],
        [1e9, ''],
        [1e9 + 1, ''],
      ]),
    );
    expect([mean(column), variance(column)]).toEqual([1e9, 1]);
  });
});

describe('a profile of more values than it counts one by one', () => {
  const n = 30_000;
  /** The quantiles of the exponential distribution are -ln(1 - q); values over many powers of two. */
  const spread = Array.from({ length: n }, (_, i) => -Math.log(1 - (i + 0.5) / n));
  const rowsOf = (values: readonly number[]) => values.map((value) => [value, `w${value}`]);
  const shuffled = spread.map((_, i) => spread[(i * 7919) % n]!);

  test('holds the same whatever the order and the batches', () => {
    const whole = profileOfRows(rowsOf(spread));
    const parts = [0, 1, 2, 3, 4].map((part) =>
      profileOfRows(rowsOf(shuffled.slice(part * 6000, part * 6000 + 6000))),
    );
    const merged = parts.reduce(mergeProfiles);
    expect(numbers(merged).sketch).toEqual(numbers(whole).sketch);
    expect(words(merged)).toEqual(words(whole));
    expect(numbers(whole).sketch.values.length).toBeLessThanOrEqual(2048);
    expect(mean(numbers(merged))).toBe(mean(numbers(whole)));
    expect(variance(numbers(merged))).toBe(variance(numbers(whole)));
  });

  test('has quantiles within the error that its sketch states', () => {
    const column = numbers(profileOfRows(rowsOf(shuffled)));
    expect(column.sketch.bits).toBeGreaterThanOrEqual(6);
    for (const q of [0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999]) {
      const exact = spread[Math.ceil(q * n) - 1]!;
      expect(Math.abs(quantile(column, q) / exact - 1)).toBeLessThanOrEqual(2 ** -column.sketch.bits);
    }
    expect([quantile(column, 0), quantile(column, 1)]).toEqual([column.min, column.max]);
    const mirrored = numbers(profileOfRows(rowsOf(shuffled.map((value) => -value))));
    expect(Math.abs(quantile(mirrored, 0.1) / -spread[Math.floor(0.9 * n)]! - 1)).toBeLessThanOrEqual(
      2 ** -mirrored.sketch.bits,
    );
  });

  test('knows about how many words there are, and accounts for each row', () => {
    const { categories } = words(profileOfRows(rowsOf(spread)));
    expect(categories.counts.length).toBeLessThanOrEqual(4096);
    expect(Math.abs(distinctOf(categories) / n - 1)).toBeLessThan(0.05);
    expect(categories.counts.reduce((sum, [, count]) => sum + count, 0) + categories.others).toBe(n);
  });
});

test('a sketch of a few values counts the finite ones, of which -0 is 0', () => {
  const values = Float64Array.of(2, -0, Infinity, 0.1, NaN, 2, 0, -Infinity, -3);
  expect(sketchOf(values)).toEqual({ bits: 52, values: [-3, 0, 0.1, 2], counts: [1, 2, 1, 2] });
});
