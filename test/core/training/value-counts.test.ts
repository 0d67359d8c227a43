import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ValueCounts } from '../../../core/training/value-counts.ts';

function counts(limit: number, ...parts: readonly number[][]): ValueCounts {
  const all = new ValueCounts(limit);
  for (const part of parts) {
    const one = new ValueCounts(limit);
    one.add(Float32Array.from(part));
    all.merge(one);
  }
  return all;
}

const floats = fc.array(fc.float(), { maxLength: 60 });

describe('ValueCounts', () => {
  test('counts every value exactly below the limit, with -0 as 0 and NaN apart', () => {
    const counted = counts(8, [2, -1, Number.NaN, 0, -0, 2, Number.NEGATIVE_INFINITY]);
    expect(counted.missing).toBe(1);
    expect(counted.buckets()).toEqual([
      { low: Number.NEGATIVE_INFINITY, high: Number.NEGATIVE_INFINITY, count: 1 },
      { low: -1, high: -1, count: 1 },
      { low: 0, high: 0, count: 2 },
      { low: 2, high: 2, count: 2 },
    ]);
  });

  test('gathers neighbouring floats in ascending buckets beyond the limit', () => {
    const counted = counts(4, [1, 1 + 2 ** -23, 2, 4, -4]);
    expect(counted.buckets()).toEqual([
      { low: -4 - 2 ** -21, high: -4, count: 1 },
      { low: 1, high: 1 + 2 ** -23, count: 2 },
      { low: 2, high: 2 + 2 ** -22, count: 1 },
      { low: 4, high: 4 + 2 ** -21, count: 1 },
    ]);
  });

  test('does not depend on the order of the values or on how they were divided', () => {
    fc.assert(
      fc.property(floats, fc.nat(60), (values, cut) => {
        const whole = counts(7, values);
        const divided = counts(7, values.slice(cut).reverse(), values.slice(0, cut));
        expect(divided.buckets()).toEqual(whole.buckets());
        expect(divided.missing).toBe(whole.missing);
      }),
    );
  });

  test('loses no row, and keeps each within its bucket', () => {
    fc.assert(
      fc.property(floats, (values) => {
        const numbers = values.filter((value) => !Number.isNaN(value));
        const buckets = counts(5, values).buckets();
        expect(buckets.length).toBeLessThanOrEqual(5);
        expect(buckets.reduce((sum, bucket) => sum + bucket.count, 0)).toBe(numbers.length);
        for (const value of numbers) {
          expect(buckets.filter(({ low, high }) => !(value < low) && !(value > high))).not.toHaveLength(0);
        }
      }),
    );
  });
});
