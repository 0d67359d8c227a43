import type { Floats, Validity } from './batch.ts';
import { hasNaN } from './float-room.ts';
import type { HybridReader } from './parquet-hybrid.ts';
import { type PageValues, wordsOf } from './parquet-page-values.ts';
import type { Values } from './parquet-values.ts';

/** A page that is being handed out. */
export interface OpenPage {
  readonly values: PageValues;
  /** The definition level of each row; null where no row is missing. */
  readonly levels: HybridReader | null;
  /** Rows that were not handed out yet. */
  left: number;
}

/** A batch's column in the making. */
export interface Filling {
  readonly values: Values;
  readonly rows: number;
  valid: Uint8Array | null;
  filled: number;
  /** Of floats: whether one of the values so far that are there may be not-a-number. */
  mayBeNaN: boolean;
}

/** The page's next `rows` rows without a copy, where it has them all and none is missing. */
export function viewOf(page: OpenPage, rows: number, level: number): Values | undefined {
  if (page.left < rows || page.values.view === undefined) return undefined;
  if (page.levels !== null && !page.levels.isNext(level, rows)) return undefined;
  const view = page.values.view(rows);
  if (view === undefined) return undefined;
  page.levels?.skip(rows);
  page.left -= rows;
  return view;
}

/** Fills in as many rows as the page has left, or as are wanted. */
export function fill(filling: Filling, page: OpenPage, level: number): void {
  const { filled: at, values } = filling;
  const rows = Math.min(filling.rows - at, page.left);
  page.left -= rows;
  filling.filled += rows;
  if (page.levels === null || page.levels.isNext(level, rows)) {
    page.levels?.skip(rows);
    readValues(filling, page.values, at, rows);
    filling.valid?.fill(1, at, at + rows);
    return;
  }
  filling.valid ??= new Uint8Array(filling.rows).fill(1, 0, at);
  const valid = filling.valid.subarray(at, at + rows);
  const present = readValid(page.levels, level, valid);
  readValues(filling, page.values, at, present);
  if (present < rows) spread(values, at, valid, present);
}

function readValues(filling: Filling, from: PageValues, at: number, count: number): void {
  const { values } = filling;
  from.read(values, at, count);
  if (filling.mayBeNaN || from.mayBeNaN !== true) return;
  if (values instanceof Float32Array || values instanceof Float64Array)
    filling.mayBeNaN = hasNaN(values, at, count);
}

/** Passes over at most so many rows, and says over how many. */
export function passRows(page: OpenPage, most: number, level: number): number {
  const rows = Math.min(most, page.left);
  page.left -= rows;
  page.values.skip(page.levels === null ? rows : readValid(page.levels, level, new Uint8Array(rows)));
  return rows;
}

/** A byte a row, 1 where its level is that of a value; how many there are. */
function readValid(levels: HybridReader, level: number, valid: Uint8Array): number {
  levels.read(valid, 0, valid.length);
  let present = 0;
  if (level === 1) {
    for (let row = 0; row < valid.length; row++) present += valid[row]!;
    return present;
  }
  for (let row = 0; row < valid.length; row++) {
    const is = valid[row] === level ? 1 : 0;
    valid[row] = is;
    present += is;
  }
  return present;
}

/** Moves the `present` values at `at` to the rows that are there, and empties the others; the last goes first. */
function spread(values: Values, at: number, valid: Uint8Array, present: number): void {
  const size = values.BYTES_PER_ELEMENT;
  if (values instanceof Float64Array) spreadDoubles(values, at, valid, present);
  else if (size === 4)
    spread32(wordsOf(values), at, valid, present, values instanceof Float32Array ? nan32 : 0);
  else if (size === 8) spread64(wordsOf(values), at, valid, present);
  else spread8(values as Uint8Array, at, valid, present);
}

const nan32 = 0x7fc00000;

function spread32(values: Int32Array, at: number, valid: Uint8Array, present: number, empty: number): void {
  for (let row = valid.length - 1, from = at + present - 1; row >= 0; row--) {
    const is = valid[row]!;
    // Without a branch, which would be guessed wrong at every other missing value.
    values[at + row] = (values[from]! & -is) | (empty & (is - 1));
    from -= is;
  }
}

function spreadDoubles(values: Float64Array, at: number, valid: Uint8Array, present: number): void {
  for (let row = valid.length - 1, from = at + present - 1; row >= 0; row--) {
    const is = valid[row]!;
    values[at + row] = is === 1 ? values[from]! : Number.NaN;
    from -= is;
  }
}

/** 64-bit integers as halves. */
function spread64(values: Int32Array, at: number, valid: Uint8Array, present: number): void {
  for (let row = valid.length - 1, from = at + present - 1; row >= 0; row--) {
    const is = valid[row]!;
    values[2 * (at + row)] = is === 1 ? values[2 * from]! : 0;
    values[2 * (at + row) + 1] = is === 1 ? values[2 * from + 1]! : 0;
    from -= is;
  }
}

function spread8(values: Uint8Array, at: number, valid: Uint8Array, present: number): void {
  for (let row = valid.length - 1, from = at + present - 1; row >= 0; row--) {
    const is = valid[row]!;
    values[at + row] = is === 1 ? values[from]! : 0;
    from -= is;
  }
}

/** Not-a-numbers are missing; nothing is allocated where there is none. */
export function withoutNaN(values: Floats, valid: Uint8Array | null): Validity {
  if (!hasNaN(values, 0, values.length)) return valid;
  let own = valid;
  for (let row = 0; row < values.length; row++) {
    if (!Number.isNaN(values[row])) continue;
    own ??= new Uint8Array(values.length).fill(1);
    own[row] = 0;
  }
  return own;
}
