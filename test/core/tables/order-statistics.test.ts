import fc from 'fast-check';
import { expect, test } from 'vitest';
import { orderStatistics, type Strata } from '../../../core/tables/order-statistics.ts';
import { chance } from '../training/tables.ts';

/** Numbers of strata in parts, and how often they were read. */
function parted(parts: readonly Strata[]) {
  const told = { reads: 0 };
  const read = async function* () {
    told.reads++;
    yield* parts;
  };
  return { read, told };
}

const partOf = (rows: readonly (readonly [stratum: number, value: number])[]): Strata => ({
  strata: Int32Array.from(rows, ([stratum]) => stratum),
  values: Float64Array.from(rows, ([, value]) => value),
});

const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b);

test('the numbers at ranks are those of the sorted numbers, for any parts and strata', async () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }),
    fc.integer({ min: -3, max: 3 }),
  );
  const rows = fc.array(fc.tuple(fc.nat({ max: 2 }), number), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(fc.array(rows, { maxLength: 5 }), async (parts) => {
      const { read } = parted(parts.map(partOf));
      const of = [0, 1, 2].map((stratum) =>
        sorted(parts.flat().flatMap(([each, value]) => (each === stratum ? [value + 0] : []))),
      );
      const found = await orderStatistics(read, 3, (count) =>
        Array.from({ length: count }, (_, rank) => rank),
      );
      expect(found.counts).toEqual(of.map(({ length }) => length));
      expect(found.values).toEqual(of);
    }),
    { numRuns: 200 },
  );
});

test('of far more different numbers than a sketch holds they are exact too, from a second reading', async () => {
  const next = chance(5);
  // Times of a year, in clusters and spread, some before 1970; and draws.
  const time = (row: number) =>
    row % 3 === 0 ? 1.7e12 + Math.floor(next() * 1e6) : Math.floor(next() * 3e12) - 1e12;
  const rows = Array.from({ length: 90_000 }, (_, row) =>
    row % 2 === 0 ? ([0, time(row)] as const) : ([1, next()] as const),
  );
  const parts = Array.from({ length: 9 }, (_, part) => partOf(rows.filter((_, row) => row % 9 === part)));
  const { read, told } = parted(parts);
  const ranks = [0, 1, 4500, 22_500, 31_500, 44_998, 44_999];
  const found = await orderStatistics(read, 2, () => ranks);
  for (const stratum of [0, 1]) {
    const all = sorted(rows.flatMap(([each, value]) => (each === stratum ? [value] : [])));
    expect(found.values[stratum]).toEqual(ranks.map((rank) => all[rank]));
  }
  expect(told.reads).toBe(2);
});

test('a few different numbers need one reading', async () => {
  const { read, told } = parted([partOf(Array.from({ length: 10_000 }, (_, row) => [0, row % 2048]))]);
  // 10,000 = 4 × 2048 + 1808: each of the first 1808 occurs five times.
  expect((await orderStatistics(read, 1, () => [0, 5000, 9999])).values).toEqual([[0, 1000, 2047]]);
  expect(told.reads).toBe(1);
});
