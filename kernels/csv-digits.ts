/** Digits as vectors of sixteen bytes, and what they come to, in AssemblyScript, for `csv.ts`. */

/** Of the digit 0, and so on. */
export const zero: i32 = 48, minus: i32 = 45, plus: i32 = 43, dot: i32 = 46, colon: i32 = 58;

export const none: i32 = -127;

/** Constants of vectors lie in memory: as immediate values they would be made anew each time. */
const zeros: usize = memory.data<u8>([48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48], 16);
const nines: usize = memory.data<u8>([9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9], 16);
export const lanes: usize = memory.data<u8>([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], 16);
export const dots: usize = memory.data<u8>([254, 254, 254, 254, 254, 254, 254, 254, 254, 254, 254, 254, 254, 254, 254, 254], 16);
export const hundredMillions: usize = memory.data<f64>([1e8, 1e8], 16);
const lowBytes: usize = memory.data<i16>([255, 255, 255, 255, 255, 255, 255, 255], 16);
const wideTens: usize = memory.data<i16>([10, 10, 10, 10, 10, 10, 10, 10], 16);
const by100: usize = memory.data<i16>([100, 1, 100, 1, 100, 1, 100, 1], 16);
export const by10000: usize = memory.data<i16>([10000, 1, 10000, 1, 10000, 1, 10000, 1], 16);

/** The powers of ten that are exact doubles. */
const powers: usize = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
], 16);

// @ts-ignore: a decorator of AssemblyScript
@inline export function power(exponent: i32): f64 {
  return load<f64>(powers + ((<usize>exponent) << 3));
}

/**
 * The number that the first `n` of sixteen characters write, which are `digits` and, at `point` (or `none`), a decimal
 * point: they move to the right end and over the point, and pairs of neighbours become one number, four times.
 */
// @ts-ignore: a decorator of AssemblyScript
@inline export function numberOf(digits: v128, n: i32, point: i32): u64 {
  const left = i8x16.add(v128.load(lanes), i8x16.splat(<i8>(n - 17)));
  // A lane before the first character is negative, and gives 0.
  const d = i8x16.swizzle(digits, i8x16.sub(left, i8x16.gt_s(left, i8x16.splat(<i8>(point - 1)))));
  const fours = quadruples(d);
  const eights = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_u(fours, fours), v128.load(by10000));
  const both = i64x2.extract_lane(eights, 0);
  return (<u64>both & 0xffffffff) * 100000000 + (<u64>both >> 32);
}

/** Of sixteen digits each four neighbours as a number. */
// @ts-ignore: a decorator of AssemblyScript
@inline export function quadruples(d: v128): v128 {
  const twos = i16x8.add(i16x8.mul(v128.and(d, v128.load(lowBytes)), v128.load(wideTens)), i16x8.shr_u(d, 8));
  return i32x4.dot_i16x8_s(twos, v128.load(by100));
}

// @ts-ignore: a decorator of AssemblyScript
@inline export function digitsOf(text: v128): v128 {
  return i8x16.sub(text, v128.load(zeros));
}

// @ts-ignore: a decorator of AssemblyScript
@inline export function digitMask(digits: v128): i32 {
  return i8x16.bitmask(i8x16.le_u(digits, v128.load(nines)));
}

