import type { Column } from '../tables/batch.ts';
import { putSafeInteger } from '../tables/integers.ts';
import { missingTime } from './model.ts';

/** What an input of numbers is filled with: rows of `width` values, the first column's at 0. */
export type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array | BigInt64Array;
export type NumberColumn = Exclude<Column, { type: 'string' }>;

/** Rows whose values stay in the first cache while one column after the other is written between them. */
const blockRows = 256;

/**
 * Writes rows `start` to `end` of the columns, row after row; the values must fit (see `unfitRows`). Missing: NaN, or
 * `missingTime`.
 */
export function fillRows(out: Numbers, columns: readonly NumberColumn[], start: number, end: number): void {
  const width = columns.length;
  for (let from = start; from < end; from += blockRows) {
    const to = Math.min(end, from + blockRows);
    for (let k = 0; k < width; k++) fillColumn(out, (from - start) * width + k, width, columns[k]!, from, to);
  }
}

/** Rows `start` to `end` of a column, every `stride`-th from `at`. */
function fillColumn(
  out: Numbers,
  at: number,
  stride: number,
  column: NumberColumn,
  start: number,
  end: number,
): void {
  const { values, valid, type } = column;
  if (out instanceof BigInt64Array) {
    fillIntegers(out, at, stride, column, start, end);
    return;
  }
  if (values instanceof Float64Array && out instanceof Float32Array)
    fillFloats(out, at, stride, values, start, end);
  else if (values instanceof Float32Array && out instanceof Float32Array)
    fillSingles(out, at, stride, values, start, end);
  else if (values instanceof BigInt64Array) fillFromIntegers(out, at, stride, values, start, end);
  else fillOthers(out, at, stride, values, start, end);
  // A missing float is a NaN already.
  if (valid === null || type === 'float') return;
  for (let row = start, to = at; row < end; row++, to += stride) if (valid[row] === 0) out[to] = Number.NaN;
}

/** Of one pair of types alone, and so compiled for it: what most columns are. */
function fillFloats(
  out: Float32Array,
  at: number,
  stride: number,
  values: Float64Array,
  start: number,
  end: number,
): void {
  for (let row = start, to = at; row < end; row++, to += stride) out[to] = values[row]!;
}

function fillSingles(
  out: Float32Array,
  at: number,
  stride: number,
  values: Float32Array,
  start: number,
  end: number,
): void {
  for (let row = start, to = at; row < end; row++, to += stride) out[to] = values[row]!;
}

function fillOthers(
  out: Exclude<Numbers, BigInt64Array>,
  at: number,
  stride: number,
  values: Exclude<NumberColumn['values'], BigInt64Array>,
  start: number,
  end: number,
): void {
  for (let row = start, to = at; row < end; row++, to += stride) out[to] = values[row]!;
}

/** By halves of 32 bits, low first: a BigInt a value is slow. */
function fillFromIntegers(
  out: Exclude<Numbers, BigInt64Array>,
  at: number,
  stride: number,
  values: BigInt64Array,
  start: number,
  end: number,
): void {
  const halves = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  for (let row = start, to = at; row < end; row++, to += stride)
    out[to] = halves[2 * row + 1]! * 2 ** 32 + (halves[2 * row]! >>> 0);
}

function fillIntegers(
  out: BigInt64Array,
  at: number,
  stride: number,
  { values, valid, type }: NumberColumn,
  start: number,
  end: number,
): void {
  const into = new Int32Array(out.buffer, out.byteOffset, 2 * out.length);
  if (values instanceof BigInt64Array) {
    const halves = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
    for (let row = start, to = at; row < end; row++, to += stride) {
      into[2 * to] = halves[2 * row]!;
      into[2 * to + 1] = halves[2 * row + 1]!;
    }
  } else {
    for (let row = start, to = at; row < end; row++, to += stride)
      putSafeInteger(Math.floor(values[row]!), into, to);
  }
  if (type !== 'timestamp') return;
  for (let row = start, to = at; row < end; row++, to += stride)
    if (valid?.[row] === 0 || Number.isNaN(values[row])) out[to] = missingTime;
}
