import { colon, digitMask, digitsOf, dot, minus, none, numberOf, plus, power, zero } from './csv-digits';

/**
 * Values from text, in AssemblyScript, for `csv.ts`. Each function reads a value at `p`, stores it at `out` and returns the
 * place behind it, or 0 for whatever it does not know for certain: `core/tables/text-values.ts` says then. What they take
 * is a part of what that takes, with the very same values. 64 bytes may be read from `p` on.
 */

/** For 1 to 4 characters with a point at 0 to 3, or behind them: what each of four characters counts. */
const headWeights: usize = memory.data<i16>([
  0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,
  0, 1, 0, 0, 1, 0, 0, 0, 10, 1, 0, 0, 10, 1, 0, 0, 10, 1, 0, 0,
  0, 10, 1, 0, 10, 0, 1, 0, 10, 1, 0, 0, 100, 10, 1, 0, 100, 10, 1, 0,
  0, 100, 10, 1, 100, 0, 10, 1, 100, 10, 0, 1, 100, 10, 1, 0, 1000, 100, 10, 1,
], 16);

/** The same as `numberOf` of 1 to 4 characters, in fewer steps. */
// @ts-ignore: a decorator of AssemblyScript
@inline function headOf(digits: v128, n: i32, point: i32): u64 {
  const weights = headWeights + ((<usize>((n - 1) * 5) + min<u32>(point, 4)) << 3);
  const sums = i64x2.extract_lane(i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(digits), v128.load64_zero(weights)), 0);
  return (<u64>sums & 0xffffffff) + (<u64>sums >> 32);
}

// @ts-ignore: a decorator of AssemblyScript
@inline function isExponent(byte: u32): bool {
  return (byte | 32) == 101;
}

// @ts-ignore: a decorator of AssemblyScript
@inline function signed(value: f64, negative: u64): f64 {
  return reinterpret<f64>(reinterpret<u64>(value) | (negative << 63));
}

/**
 * A decimal of at most 15 characters behind its sign, with the byte `behind` right behind it; 0 where it is none. It is
 * what most fields are: `anyFloat` takes all that others may be.
 */
// @ts-ignore: a decorator of AssemblyScript
@inline export function float(p: usize, behind: i32, out: usize): usize {
  const negative = <u64>(load<u8>(p) == minus);
  const q = p + <usize>negative;
  const digits = digitsOf(v128.load(q));
  const others = ~digitMask(digits);
  const point = ctz(others);
  // Without a point, it is as if one stood behind the digits.
  let n = point, size = point + 1;
  if (load<u8>(q + <usize>point) == dot) size = n = ctz(others & (others - 1));
  const end = q + <usize>n;
  if (n > 15 || size == 1 || <i32>load<u8>(end) != behind) return 0;
  // Both the digits and the power of ten are exact doubles, so that their quotient is rounded once (Clinger 1990).
  const value = <f64>(<i64>numberOf(digits, size, point)) / power(size - 1 - point);
  store<f64>(out, signed(value, negative));
  return end;
}

/** Up to 31 characters, of 19 digits behind leading zeros, and an exponent; the value is a normal double or 0. */
export function anyFloat(p: usize, out: usize, fives: usize): usize {
  const negative = <u64>(load<u8>(p) == minus);
  const q = p + <usize>negative;
  const low = digitsOf(v128.load(q));
  const others = ~(digitMask(low) | (digitMask(digitsOf(v128.load(q, 16))) << 16));
  let point = ctz(others);
  let n = point, fraction = 0;
  if (load<u8>(q + <usize>point) == dot) {
    n = ctz(others & (others - 1));
    fraction = n - 1 - point;
    if (n == 1) return 0;
  } else point = none;
  if (n == 0 || n > 31) return 0;
  let number: u64;
  if (n <= 16) number = numberOf(low, n, point);
  else {
    // The last sixteen characters, and those before them.
    const before = n - 16;
    const head = before > 4 ? numberOf(low, before, point < before ? point : none) : headOf(low, before, point);
    const tail = numberOf(digitsOf(v128.load(q + <usize>before)), 16, point < before ? none : point - before);
    if (head > 999) return 0;
    number = head * (point < before ? 10000000000000000 : 1000000000000000) + tail;
  }
  let end = q + <usize>n;
  let exponent = -fraction;
  if (isExponent(load<u8>(end))) {
    const sign = <i32>load<u8>(end, 1);
    end += sign == minus || sign == plus ? 2 : 1;
    let size = <u32>load<u8>(end) - zero;
    if (size > 9) return 0;
    let digit = <u32>load<u8>(++end) - zero;
    for (; digit <= 9; digit = <u32>load<u8>(++end) - zero) {
      size = size * 10 + digit;
      if (size > 9999) return 0;
    }
    exponent += sign == minus ? -<i32>size : <i32>size;
  }
  const value = number == 0 ? 0 : nearest(number, exponent, fives);
  if (value == 0 && number != 0) return 0;
  store<f64>(out, signed(value, negative));
  return end;
}

let productLow: u64 = 0;

/** The high half of a product of 128 bits; the low one is in `productLow`. */
// @ts-ignore: a decorator of AssemblyScript
@inline function product(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff, a1 = a >> 32, b0 = b & 0xffffffff, b1 = b >> 32;
  const low = a0 * b0;
  const middle = a1 * b0 + (low >> 32);
  const cross = a0 * b1 + (middle & 0xffffffff);
  productLow = (cross << 32) | (low & 0xffffffff);
  return a1 * b1 + (middle >> 32) + (cross >> 32);
}

/**
 * The double nearest to number × 10^exponent, or 0 where it is not a normal one. After Lemire, "Number parsing at a
 * gigabyte per second" (2021), without the fallback that Mushtak and Lemire, "Fast number parsing without fallback"
 * (2023), proved to be needless. `fives`: the powers of five from 5^-342 to 5^308, as `powersOfFive` writes them.
 */
// @ts-ignore: a decorator of AssemblyScript
@inline function nearest(number: u64, exponent: i32, fives: usize): f64 {
  if (exponent < -342 || exponent > 308) return 0;
  const five = fives + ((<usize>(exponent + 342)) << 4);
  const shift = clz(number);
  const left = number << shift;
  let high = product(left, load<u64>(five));
  let low = productLow;
  if ((high & 0x1ff) == 0x1ff) {
    const more = product(left, load<u64>(five, 8));
    low += more;
    if (more > low) high++;
  }
  const upper = high >> 63;
  let mantissa = high >> (upper + 9);
  let power = <i32>(((152170 + 65536) * <i64>exponent) >> 16) + 63 + <i32>upper - <i32>shift + 1023;
  if (power <= 0) return 0;
  // Exactly between two doubles: to the even one.
  if (low <= 1 && exponent >= -4 && exponent <= 23 && (mantissa & 3) == 1 && mantissa << (upper + 9) == high) mantissa &= ~1;
  mantissa = (mantissa + (mantissa & 1)) >> 1;
  if (mantissa >= 0x20000000000000) {
    mantissa = 0x10000000000000;
    power++;
  }
  if (power >= 0x7ff) return 0;
  return reinterpret<f64>((mantissa & 0xfffffffffffff) | (<u64>power << 52));
}

/** An integer of at most 18 digits, and `.0` behind it or not. */
export function integer(p: usize, out: usize): usize {
  const negative = load<u8>(p) == minus;
  const q = p + <usize>negative;
  const digits = digitsOf(v128.load(q));
  let n = ctz(~digitMask(digits));
  if (n == 0) return 0;
  let value: u64;
  if (n < 16) value = numberOf(digits, n, none);
  else {
    n += ctz(~digitMask(digitsOf(v128.load(q, 16))));
    if (n > 18) return 0;
    value = numberOf(digits, n - 16, none) * 10000000000000000 + numberOf(digitsOf(v128.load(q + <usize>(n - 16))), 16, none);
  }
  store<i64>(out, negative ? -<i64>value : <i64>value);
  let end = q + <usize>n;
  if (load<u8>(end) == dot) {
    end++;
    while (load<u8>(end) == zero) end++;
  }
  return end;
}

/** `0`, `1`, and `true` and `false` in any case. */
export function boolean(p: usize, out: usize): usize {
  const byte = load<u8>(p);
  if (byte == 48 || byte == 49) {
    store<u8>(out, byte - 48);
    return p + 1;
  }
  const word = load<u32>(p) | 0x20202020;
  if (word == 0x65757274) {
    store<u8>(out, 1);
    return p + 4;
  }
  if (word != 0x736c6166 || (load<u8>(p, 4) | 32) != 101) return 0;
  store<u8>(out, 0);
  return p + 5;
}

/** `nan` in any case. */
export function isNan(p: usize): bool {
  return (load<u8>(p) | 32) == 110 && (load<u8>(p, 1) | 32) == 97 && (load<u8>(p, 2) | 32) == 110;
}

/** Two digits, or something above 99. */
// @ts-ignore: a decorator of AssemblyScript
@inline function two(p: usize): u32 {
  const tens = <u32>load<u8>(p) - zero, ones = <u32>load<u8>(p, 1) - zero;
  return tens > 9 || ones > 9 ? 10000 : tens * 10 + ones;
}

/** `YYYY-MM-DD`, and a time behind `T` or a blank (unless that is the delimiter); `timestampAt` tells of their forms. */
export function timestamp(p: usize, delimiter: i32, out: usize): usize {
  const year = two(p) * 100 + two(p + 2), month = two(p + 5), day = two(p + 8);
  if (year > 9999 || month - 1 > 11 || day - 1 > 30 || load<u8>(p, 4) != minus || load<u8>(p, 7) != minus) return 0;
  const leap = (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);
  if (day > 28 && day > (month == 2 ? <u32>leap + 28 : 30 + ((month + (month >> 3)) & 1))) return 0;
  // Days since 1970-01-01, of years that begin in March (Howard Hinnant, "chrono-compatible low-level date algorithms").
  const shifted = <i32>year - <i32>(month <= 2);
  const era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const ofEra = shifted - era * 400;
  const dayOfYear = (153 * ((<i32>month + 9) % 12) + 2) / 5 + <i32>day - 1;
  const days = era * 146097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + dayOfYear - 719468;
  let millis: i64 = <i64>days * 86400000;
  const between = <i32>load<u8>(p, 10);
  let end = p + 10;
  if (between == 84 || (between == 32 && delimiter != 32)) {
    const hour = two(p + 11), minute = two(p + 14);
    if (hour > 23 || minute > 59 || load<u8>(p, 13) != colon) return 0;
    millis += (hour * 60 + minute) * 60000;
    end = p + 16;
    if (load<u8>(end) == colon) {
      const second = two(end + 1);
      if (second > 59) return 0;
      millis += second * 1000;
      end += 3;
      if (load<u8>(end) == dot) {
        const first = ++end;
        let digit = <u32>load<u8>(end) - zero;
        for (let unit: u32 = 100; digit <= 9; unit /= 10) {
          millis += unit * digit;
          digit = <u32>load<u8>(++end) - zero;
        }
        if (end == first) return 0;
      }
    }
    const sign = <i32>load<u8>(end);
    if ((sign | 32) == 122) end++;
    else if (sign == plus || sign == minus) {
      const hours = two(end + 1);
      if (hours > 99) return 0;
      let minutes = hours * 60;
      end += 3;
      const apart = load<u8>(end) == colon;
      if (apart || <u32>load<u8>(end) - zero <= 9) {
        const rest = two(end + <usize>apart);
        if (rest > 99) return 0;
        minutes += rest;
        end += 2 + <usize>apart;
      }
      millis -= sign == minus ? -<i64>(minutes * 60000) : <i64>(minutes * 60000);
    }
  }
  store<f64>(out, <f64>millis);
  return end;
}
