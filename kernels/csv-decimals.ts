import { by10000, digitMask, digitsOf, dots, hundredMillions, lanes, minus, power, quadruples } from './csv-digits';
import { lineFeed } from './csv-run';

/** Fields whose ends are found ahead of them, two at once, in AssemblyScript, for `csv.ts`. */

/** Which of the 64 bytes from `p` on are delimiters, a bit each. */
// @ts-ignore: a decorator of AssemblyScript
@inline export function delimitersAt(p: usize, delimiters: v128): u64 {
  const low = i8x16.bitmask(i8x16.eq(v128.load(p), delimiters)) | (i8x16.bitmask(i8x16.eq(v128.load(p, 16), delimiters)) << 16);
  const high = i8x16.bitmask(i8x16.eq(v128.load(p, 32), delimiters)) | (i8x16.bitmask(i8x16.eq(v128.load(p, 48), delimiters)) << 16);
  return <u64><u32>low | (<u64>high << 32);
}

/** Where the first line feed is of the 32 bytes from `p` on; behind them where there is none. */
// @ts-ignore: a decorator of AssemblyScript
@inline export function feedAt(p: usize): usize {
  const feeds = i8x16.splat(<i8>lineFeed);
  const low = i8x16.bitmask(i8x16.eq(v128.load(p), feeds)), high = i8x16.bitmask(i8x16.eq(v128.load(p, 16), feeds));
  return p + <usize>ctz(<u64>low | (<u64>high << 16) | (<u64>1 << 32));
}

/**
 * Two decimals, from `p` to `middle` and from behind that to `end`, each of at most 15 digits, a sign and a point; false where
 * one is none. It is what most fields are: `anyFloat` takes all that others may be. Their ends are known, so that nothing
 * waits for the field before it, and what comes after the digits is done for both at once.
 */
// @ts-ignore: a decorator of AssemblyScript
@inline export function decimals(p: usize, middle: usize, end: usize, out: usize, next: usize): bool {
  const negative1 = <i32>(load<u8>(p) == minus), negative2 = <i32>(load<u8>(middle, 1) == minus);
  // Of the sixteen characters before the end, the first one behind the sign.
  const start1 = 16 - <i32>(middle - p) + negative1, start2 = 17 - <i32>(end - middle) + negative2;
  // One is to spare, for the digit behind a point.
  if (((start1 - 1) | (start2 - 1)) < 0) return false;
  const digits1 = digitsOf(v128.load(middle - 16)), digits2 = digitsOf(v128.load(end - 16));
  const point1 = pointOf(digits1, start1), point2 = pointOf(digits2, start2);
  const whole1 = <i32>(point1 < start1), whole2 = <i32>(point2 < start2);
  // There is a digit at least, and a point at most.
  if (((14 - start1 + whole1) | (14 - start2 + whole2) | (15 - point1) | (15 - point2)) < 0) return false;
  const fours = i16x8.narrow_i32x4_u(foursOf(digits1, start1, point1), foursOf(digits2, start2, point2));
  const eights = i32x4.dot_i16x8_s(fours, v128.load(by10000));
  const high = f64x2.convert_low_i32x4_s(i32x4.shuffle(eights, eights, 0, 2, 0, 2));
  const low = f64x2.convert_low_i32x4_s(i32x4.shuffle(eights, eights, 1, 3, 1, 3));
  // Both the digits and the power of ten are exact doubles, so that their quotient is rounded once (Clinger 1990).
  const number = f64x2.add(f64x2.mul(high, v128.load(hundredMillions)), low);
  const ten1 = power((15 - point1) & (whole1 - 1)), ten2 = power((15 - point2) & (whole2 - 1));
  const value = f64x2.div(number, f64x2.replace_lane(f64x2.splat(ten1), 1, ten2));
  store<u64>(out, <u64>i64x2.extract_lane(value, 0) | (<u64>negative1 << 63));
  store<u64>(next, <u64>i64x2.extract_lane(value, 1) | (<u64>negative2 << 63));
  return true;
}

/** Where the decimal point stands of those from `start` on; right before them where there is none, and at 16 where more is wrong. */
// @ts-ignore: a decorator of AssemblyScript
@inline function pointOf(digits: v128, start: i32): i32 {
  const field = 0xffff << start;
  const others = ~digitMask(digits) & field & 0xffff;
  if (others == 0) return start - 1;
  const points = i8x16.bitmask(i8x16.eq(digits, v128.load(dots))) & field;
  return others == points && (others & (others - 1)) == 0 ? ctz(others) : 16;
}

/** Four numbers of four digits each: those before the point move over it, what is before `start` counts as 0. */
// @ts-ignore: a decorator of AssemblyScript
@inline function foursOf(digits: v128, start: i32, point: i32): v128 {
  const moved = i8x16.add(v128.load(lanes), i8x16.le_s(v128.load(lanes), i8x16.splat(<i8>point)));
  return quadruples(i8x16.swizzle(digits, v128.or(moved, i8x16.lt_s(moved, i8x16.splat(<i8>start)))));
}

