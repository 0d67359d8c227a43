import type { FieldType } from './batch.ts';
import { floatAt, putInteger, textOf, timestampAt } from './text-values.ts';

/** What the values of a text column were so far: a type is possible until a value is not of it. */
export interface Evidence {
  seen: boolean;
  boolean: boolean;
  integer: boolean;
  float: boolean;
  timestamp: boolean;
  /** How many values are numbers, how many are not, and the first that is not. */
  numbers: number;
  others: number;
  odd: string;
  /** A number with a leading zero was seen: a code, not a quantity. */
  codes: boolean;
}

export const noEvidence = (): Evidence => ({
  seen: false,
  boolean: true,
  integer: true,
  float: true,
  timestamp: true,
  numbers: 0,
  others: 0,
  odd: '',
  codes: false,
});

/** The narrowest type that all values are of; `string` where none was seen. */
export function typeFrom(evidence: Evidence): FieldType {
  if (!evidence.seen) return 'string';
  if (evidence.boolean) return 'boolean';
  if (evidence.integer) return 'integer';
  if (evidence.float) return 'float';
  return evidence.timestamp ? 'timestamp' : 'string';
}

/**
 * A text among 20 numbers or more makes a column of strings, in which each number is a word of its own: rather a mistake
 * than what was meant. It is for a person to say.
 */
export const isDoubtful = (evidence: Evidence): boolean =>
  typeFrom(evidence) === 'string' &&
  !evidence.codes &&
  evidence.numbers >= 20 * evidence.others &&
  evidence.seen;

const halves = new Int32Array(2);

/** Takes a value in. A number with a leading zero (a postal code, a part number) is text; `quoted` is text in JSON. */
export function observe(
  evidence: Evidence,
  bytes: Uint8Array,
  from: number,
  to: number,
  quoted = false,
): void {
  evidence.seen = true;
  evidence.boolean &&= /^(true|false)$/i.test(textOf(bytes, from, Math.min(to, from + 6)));
  const hasLeadingZero = /^[+-]?0\d/.test(textOf(bytes, from, Math.min(to, from + 3)));
  evidence.integer &&= !hasLeadingZero && isInteger(bytes, from, to);
  evidence.codes ||= hasLeadingZero;
  const isNumber = !quoted && !hasLeadingZero && isFloat(bytes, from, to);
  evidence.float &&= isNumber;
  if (isNumber) evidence.numbers++;
  else if (evidence.others++ === 0) evidence.odd = textOf(bytes, from, Math.min(to, from + 100));
  evidence.timestamp &&= !Number.isNaN(timestampAt(bytes, from, to));
}

const isInteger = (bytes: Uint8Array, from: number, to: number): boolean =>
  bytes.subarray(from, to).indexOf(46) < 0 && putInteger(bytes, from, to, halves, 0);

const isFloat = (bytes: Uint8Array, from: number, to: number): boolean =>
  !Number.isNaN(floatAt(bytes, from, to)) || textOf(bytes, from, to).toLowerCase() === 'nan';
