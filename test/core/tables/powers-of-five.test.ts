import { expect, test } from 'vitest';
import { powersOfFive } from '../../../core/tables/powers-of-five.ts';

test('the powers of five are those of the table of fast_float', () => {
  const table = powersOfFive();
  const at = (exponent: number) => [...table.subarray(2 * (exponent + 342), 2 * (exponent + 342) + 2)];
  expect(table.length).toBe(2 * 651);
  expect(at(-342)).toEqual([0xeef453d6923bd65an, 0x113faa2906a13b3fn]);
  expect(at(-1)).toEqual([0xccccccccccccccccn, 0xcccccccccccccccdn]);
  expect(at(0)).toEqual([0x8000000000000000n, 0n]);
  expect(at(3)).toEqual([0xfa00000000000000n, 0n]);
  expect(at(308)).toEqual([0x8e679c2f5e44ff8fn, 0x570f09eaa7ea7648n]);
});
