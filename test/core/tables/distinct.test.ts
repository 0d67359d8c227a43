import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distinctCount, distinctNumbers, mergeDistinct, noDistinct } from '../../../core/tables/distinct.ts';

test('different numbers are counted to the last one up to 1024, in any order and parts', () => {
  const numbers = fc.array(fc.oneof(fc.integer({ min: -500, max: 500 }), fc.constantFrom(-0, 2 ** 53, NaN)));
  fc.assert(
    fc.property(numbers, numbers, (a, b) => {
      const all = [...a, ...b];
      const merged = mergeDistinct(
        distinctNumbers(Float64Array.from(a)),
        distinctNumbers(Float64Array.from(b)),
      );
      expect(merged).toEqual(distinctNumbers(Float64Array.from(all.toReversed())));
      const different = new Set(all.filter((each) => !Number.isNaN(each)).map((each) => each + 0));
      expect(distinctCount(merged)).toBe(different.size);
    }),
  );
  expect(distinctCount(noDistinct)).toBe(0);
});

test('beyond they are estimated, the same however they are cut, within a few per cent', () => {
  const errors: number[] = [];
  for (const count of [2000, 10_000, 50_000, 100_000, 300_000]) {
    for (const step of [1, 7, 4096]) {
      const numbers = Float64Array.from({ length: count }, (_, row) => 1e9 + row * step);
      const whole = distinctNumbers(numbers);
      const cut = Math.floor(count / 3);
      const parts = mergeDistinct(
        distinctNumbers(numbers.subarray(cut)),
        distinctNumbers(numbers.subarray(0, cut)),
      );
      expect(parts).toEqual(whole);
      expect(whole.hashes.length).toBeLessThanOrEqual(1024);
      errors.push(distinctCount(whole) / count - 1);
    }
  }
  // One standard error is at most 1.2 / √512 = 5.3 %: none of fifteen is four of them off, and their mean is near nothing.
  expect(Math.max(...errors.map(Math.abs))).toBeLessThan(0.21);
  expect(Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length)).toBeLessThan(0.07);
});
