/**
 * Values from text, straight from its bytes. Each is exact: a float is the nearest double, as `Number` gives it.
 */

import { putSafeInteger } from './integers.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export const textOf = (bytes: Uint8Array, from: number, to: number): string =>
  decoder.decode(bytes.subarray(from, to));

const powers = Float64Array.from({ length: 16 }, (_, digits) => Number(`1e${digits}`));
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const words: Readonly<Record<string, number>> = { inf: Infinity, infinity: Infinity };

/** NaN where the text is not a number. Blanks around it, `inf` and `infinity` in any case are taken; `nan` is missing. */
export function floatAt(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  const negative = bytes[at] === 45;
  if (negative) at++;
  let mantissa = 0;
  let point = 0;
  const first = at;
  for (; at < to; at++) {
    const digit = bytes[at]! - 48;
    if (digit >= 0 && digit <= 9) mantissa = mantissa * 10 + digit;
    else if (digit === -2 && point === 0) point = at + 1;
    else break;
  }
  const digits = at - first - (point > 0 ? 1 : 0);
  // Both the mantissa and the power of ten are exact doubles, so that their quotient is rounded once (Clinger 1990).
  if (at === to && digits > 0 && digits <= 15) {
    const value = point > 0 ? mantissa / powers[at - point]! : mantissa;
    return negative ? -value : value;
  }
  return floatOf(textOf(bytes, from, to).trim());
}

function floatOf(text: string): number {
  if (decimal.test(text)) return Number(text);
  const unsigned = text.replace(/^[+-]/, '').toLowerCase();
  const value = Object.hasOwn(words, unsigned) ? words[unsigned]! : NaN;
  return text.startsWith('-') ? -value : value;
}

const maxInteger = 2n ** 63n - 1n;
const minInteger = -(2n ** 63n);

/**
 * Writes a 64-bit integer as two 32-bit halves, low first, at `2 * row`: ten times quicker than through a BigInt.
 * False where the text is not one; `12.0` is.
 */
export function putInteger(
  bytes: Uint8Array,
  from: number,
  to: number,
  halves: Int32Array,
  row: number,
): boolean {
  const negative = bytes[from] === 45;
  let at = negative ? from + 1 : from;
  const digits = to - at;
  let value = 0;
  for (; at < to; at++) {
    const digit = bytes[at]! - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  if (at < to || digits === 0 || digits > 15) {
    return putBigInteger(textOf(bytes, from, to).trim(), halves, row);
  }
  putSafeInteger(negative ? -value : value, halves, row);
  return true;
}

function putBigInteger(text: string, halves: Int32Array, row: number): boolean {
  const match = /^([+-]?)(\d+)(\.0*)?$/.exec(text);
  if (match === null) return false;
  const value = BigInt(match[1] === '-' ? `-${match[2]}` : match[2]!);
  if (value > maxInteger || value < minInteger) return false;
  halves[2 * row] = Number(BigInt.asIntN(32, value));
  halves[2 * row + 1] = Number(BigInt.asIntN(32, value >> 32n));
  return true;
}

/** 1, 0, or -1 where the text is neither: true, false in any case, 1, 0. */
export function booleanAt(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (length === 1) {
    const digit = bytes[from]! - 48;
    return digit === 0 || digit === 1 ? digit : -1;
  }
  if (length !== 4 && length !== 5) return -1;
  const word = textOf(bytes, from, to).toLowerCase();
  return word === 'true' ? 1 : word === 'false' ? 0 : -1;
}

/**
 * Milliseconds since 1970-01-01T00:00Z of an ISO 8601 date or time, NaN where the text is none. Without a zone it is
 * UTC; what is finer than a millisecond is cut off.
 */
export function timestampAt(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < 10 || bytes[from + 4] !== dash || bytes[from + 7] !== dash) return NaN;
  const year = digitsAt(bytes, from, 4);
  const month = digitsAt(bytes, from + 5, 2);
  const day = daysFrom1970(year, month, digitsAt(bytes, from + 8, 2)) * 86_400_000;
  if (to - from === 10) return day;
  if (bytes[from + 10] !== 84 && bytes[from + 10] !== 32) return NaN;
  return day + timeAt(bytes, from + 11, to);
}

const dash = 45;
const colon = 58;

/** `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fff`, and a zone or none. */
function timeAt(bytes: Uint8Array, from: number, to: number): number {
  const hour = digitsAt(bytes, from, 2);
  const minute = digitsAt(bytes, from + 3, 2);
  if (to - from < 5 || bytes[from + 2] !== colon || hour > 23 || minute > 59) return NaN;
  let millis = (hour * 60 + minute) * 60_000;
  let at = from + 5;
  if (at < to && bytes[at] === colon) {
    const second = at + 3 <= to ? digitsAt(bytes, at + 1, 2) : NaN;
    millis += second > 59 ? NaN : second * 1000;
    at += 3;
    if (at < to && (bytes[at] === 46 || bytes[at] === 44)) {
      const first = ++at;
      for (
        let unit = 100;
        at < to && bytes[at]! >= 48 && bytes[at]! <= 57;
        at++, unit = Math.floor(unit / 10)
      ) {
        millis += unit * (bytes[at]! - 48);
      }
      if (at === first) return NaN;
    }
  }
  return at === to ? millis : millis - zoneAt(bytes, at, to);
}

/** `Z`, or how far a zone is ahead: `+hh`, `+hhmm` or `+hh:mm`. */
function zoneAt(bytes: Uint8Array, from: number, to: number): number {
  const sign = bytes[from];
  if (sign === 90 || sign === 122) return to === from + 1 ? 0 : NaN;
  if (sign !== 43 && sign !== dash) return NaN;
  const minuteAt = bytes[from + 3] === colon ? from + 4 : from + 3;
  if (to !== from + 3 && to !== minuteAt + 2) return NaN;
  const minutes = digitsAt(bytes, from + 1, 2) * 60 + (to === from + 3 ? 0 : digitsAt(bytes, minuteAt, 2));
  return sign === dash ? -minutes * 60_000 : minutes * 60_000;
}

/** NaN unless all are digits. */
function digitsAt(bytes: Uint8Array, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) {
    const digit = bytes[at]! - 48;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** NaN for a day that the (proleptic Gregorian) calendar does not have. `Date.UTC` takes year 12 for 1912. */
function daysFrom1970(year: number, month: number, day: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const length = month === 2 && leap ? 29 : (lengths[month - 1] ?? 0);
  if (!(day >= 1 && day <= length)) return NaN;
  // Howard Hinnant, "chrono-compatible low-level date algorithms": years that begin in March.
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
