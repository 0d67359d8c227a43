import { anyFloat, boolean, float, integer, isNan, timestamp } from './csv-values';

/**
 * Rows of CSV into columns, in AssemblyScript; `scripts/build-kernels.mjs` compiles it. Every pointer is a byte offset in
 * the one imported memory; nothing here allocates. It stops at the first row that it does not know for certain, and
 * `core/tables/csv-read.ts` reads that one: what is here decides nothing.
 */

const quote: i32 = 34, lineFeed: i32 = 10, carriageReturn: i32 = 13;

/** What a column of the file is read as. */
const skipped: i32 = 0, floats: i32 = 1, integers: i32 = 2, booleans: i32 = 3, timestamps: i32 = 4;

/** So many bytes behind the text are written over, so that no row is taken to go on there. */
const padding: usize = 64;

@unmanaged class Column {
  kind: i32;
  /** f64 (floats, timestamps), i64, u8; or the i32 codes of words. */
  values: usize;
  /** A byte a row, if any value is missing. */
  valid: usize;
  /** How many values of this run may be missing. */
  missing: i32;
  /** Words with their codes, two a bucket: what `learn` was told. */
  known: usize;
  /** 64 - log2 of the count of buckets. */
  shift: i32;
}

/** A word as a row has it, whose code is not known here. */
@unmanaged class OpenWord {
  row: i32;
  /** The column's number in the file × 2, + 1 where quotes are doubled in it. */
  column: i32;
  from: usize;
  to: usize;
}

@unmanaged class KnownWord {
  low: u64;
  high: u64;
  /** Its length + 1. */
  size: i32;
  code: i32;
}

@unmanaged class Run {
  delimiter: i32;
  count: i32;
  columns: usize;
  fives: usize;
  rowIds: usize;
  open: usize;
  /** Where the row begins at which it stopped. */
  next: usize;
  /** How many words are open. */
  words: i32;
  /** How many rows the run has at most. */
  limit: i32;
}

const ones: usize = memory.data<u8>([
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
], 16);

/** Where memory is free. */
export function free(): usize {
  return __heap_base;
}

/**
 * Reads up to `limit` rows that begin from `from` on and before `stop`, of the text that ends at `end`, and returns how
 * many it read. A row's id is its place + `base`.
 */
export function read(run: Run, from: usize, stop: usize, end: usize, base: f64, limit: i32): i32 {
  memory.fill(end, <u8>lineFeed, padding);
  for (let i = 0; i < run.count; i++)
    changetype<Column>(run.columns + <usize>i * offsetof<Column>()).missing = 0;
  run.limit = limit;
  run.words = 0;
  let at = from;
  let row = 0;
  while (row < limit && at < stop) {
    const byte = <i32>load<u8>(at);
    if (byte == lineFeed || (byte == carriageReturn && load<u8>(at, 1) == lineFeed)) {
      const next = at + 1 + <usize>(byte == carriageReturn);
      if (next > end) break;
      at = next;
      continue;
    }
    const words = run.words;
    const next = readRow(run, at, end, row);
    if (next == 0 || next > end) {
      run.words = words;
      break;
    }
    store<f64>(run.rowIds + ((<usize>row) << 3), base + <f64>at);
    row++;
    at = next;
  }
  run.next = at;
  return row;
}

/** Where the next row begins; 0 for a row that this does not take. Behind `end` where the row's own end is not there. */
function readRow(run: Run, start: usize, end: usize, row: i32): usize {
  const delimiter = run.delimiter;
  const last = run.columns + <usize>(run.count - 1) * offsetof<Column>();
  let p = start;
  let at = run.columns;
  while (true) {
    const column = changetype<Column>(at);
    const kind = column.kind;
    let q: usize = 0;
    if (kind == floats && at != last) {
      q = float(p, delimiter, column.values + ((<usize>row) << 3));
      if (q == 0) q = anyFloat(p, column.values + ((<usize>row) << 3), run.fives);
      if (load<u8>(q) == delimiter) {
        p = q + 1;
        at += offsetof<Column>();
        continue;
      }
    }
    if (kind == skipped || kind > timestamps) {
      q = text(run, column, p, end, row);
    } else {
      const isQuoted = <usize>(load<u8>(p) == quote);
      const from = p + isQuoted;
      if (kind == floats) q = anyFloat(from, column.values + ((<usize>row) << 3), run.fives);
      else if (kind == integers) q = integer(from, column.values + ((<usize>row) << 3));
      else if (kind == booleans) q = boolean(from, column.values + <usize>row);
      else q = timestamp(from, delimiter, column.values + ((<usize>row) << 3));
      if (q == 0) q = missing(run, column, from, isQuoted, delimiter, row);
      if (isQuoted) q = closed(q);
    }
    const byte = <i32>load<u8>(q);
    if (at != last) {
      // At 0, where a field was not taken, there is no delimiter.
      if (byte != delimiter) return 0;
      p = q + 1;
      at += offsetof<Column>();
    } else if (byte == lineFeed) return q + 1;
    else return byte == carriageReturn && load<u8>(q, 1) == lineFeed ? q + 2 : 0;
  }
}

/** The place behind the quote that is due at `q`. */
// @ts-ignore: a decorator of AssemblyScript
@inline function closed(q: usize): usize {
  return load<u8>(q) == quote ? q + 1 : 0;
}

/** Where a field is empty, or the word `nan` for floats. */
function missing(run: Run, column: Column, from: usize, isQuoted: usize, delimiter: i32, row: i32): usize {
  let end = from;
  const floating = column.kind == floats;
  if (floating && isNan(from)) end += 3;
  else {
    const byte = <i32>load<u8>(from);
    const empty = isQuoted
      ? byte == quote
      : byte == delimiter || byte == lineFeed || (byte == carriageReturn && load<u8>(from, 1) == lineFeed);
    if (!empty) return 0;
  }
  miss(run, column, row);
  if (floating) store<f64>(column.values + ((<usize>row) << 3), NaN);
  else if (column.kind == booleans) store<u8>(column.values + <usize>row, 0);
  else store<i64>(column.values + ((<usize>row) << 3), 0);
  return end;
}

function miss(run: Run, column: Column, row: i32): void {
  if (column.missing++ == 0) memory.fill(column.valid, 1, run.limit);
  store<u8>(column.valid + <usize>row, 0);
}

/** The end of a field that is a text, or not read at all. */
function text(run: Run, column: Column, start: usize, end: usize, row: i32): usize {
  const delimiters = i8x16.splat(<i8>run.delimiter), feeds = i8x16.splat(<i8>lineFeed), quotes = i8x16.splat(<i8>quote);
  let p = start;
  if (load<u8>(p) != quote) {
    for (;;) {
      const bytes = v128.load(p);
      const found = i8x16.bitmask(
        v128.or(v128.or(i8x16.eq(bytes, delimiters), i8x16.eq(bytes, feeds)), i8x16.eq(bytes, quotes)),
      );
      p += found == 0 ? 16 : ctz(found);
      if (found != 0) break;
    }
    const byte = <i32>load<u8>(p);
    if (byte == quote) return 0;
    const to = byte == lineFeed && p > start && load<u8>(p - 1) == carriageReturn ? p - 1 : p;
    if (column.kind != skipped) {
      if (to > start) word(run, column, start, to, row, 0);
      else {
        miss(run, column, row);
        store<i32>(column.values + ((<usize>row) << 2), 0);
      }
    }
    return p;
  }
  const from = ++p;
  let doubled = 0;
  for (;;) {
    let found = 0;
    while (p < end) {
      found = i8x16.bitmask(i8x16.eq(v128.load(p), quotes));
      if (found != 0) break;
      p += 16;
    }
    if (found == 0) return 0;
    p += ctz(found);
    if (p >= end) return 0;
    if (load<u8>(p, 1) != quote) break;
    doubled = 1;
    p += 2;
  }
  if (column.kind != skipped) word(run, column, from, p, row, doubled);
  return p + 1;
}

/** Of a word of at most 16 bytes: its bucket. */
// @ts-ignore: a decorator of AssemblyScript
@inline function bucketOf(column: Column, low: u64, high: u64, size: i32): usize {
  const hash = ((low + <u64>size) * 0x9e3779b97f4a7c15) ^ (high * 0xc2b2ae3d27d4eb4f);
  return column.known + (<usize>((hash * 0x9e3779b97f4a7c15) >> column.shift)) * (2 * offsetof<KnownWord>());
}

// @ts-ignore: a decorator of AssemblyScript
@inline function wordAt(from: usize, size: i32): v128 {
  return v128.and(v128.load(from), v128.load(ones + 16 - <usize>size));
}

function word(run: Run, column: Column, from: usize, to: usize, row: i32, doubled: i32): void {
  const out = column.values + ((<usize>row) << 2);
  const size = <i32>(to - from);
  if (size <= 16 && doubled == 0) {
    const bytes = wordAt(from, size);
    const low = <u64>i64x2.extract_lane(bytes, 0), high = <u64>i64x2.extract_lane(bytes, 1);
    const at = bucketOf(column, low, high, size);
    const first = changetype<KnownWord>(at), second = changetype<KnownWord>(at + offsetof<KnownWord>());
    if (first.low == low && first.high == high && first.size == size + 1) {
      store<i32>(out, first.code);
      return;
    }
    if (second.low == low && second.high == high && second.size == size + 1) {
      store<i32>(out, second.code);
      return;
    }
  }
  const open = changetype<OpenWord>(run.open + <usize>run.words * offsetof<OpenWord>());
  open.row = row;
  open.column = <i32>((changetype<usize>(column) - run.columns) / offsetof<Column>()) * 2 + doubled;
  open.from = from;
  open.to = to;
  run.words++;
}

/** From now on the word in [from, to), of at most 16 bytes, is known by its code. */
export function learn(column: Column, from: usize, to: usize, code: i32): void {
  const size = <i32>(to - from);
  const bytes = wordAt(from, size);
  const low = <u64>i64x2.extract_lane(bytes, 0), high = <u64>i64x2.extract_lane(bytes, 1);
  const at = bucketOf(column, low, high, size);
  const first = changetype<KnownWord>(at), second = changetype<KnownWord>(at + offsetof<KnownWord>());
  if (first.low == low && first.high == high && first.size == size + 1) return;
  memory.copy(changetype<usize>(second), changetype<usize>(first), offsetof<KnownWord>());
  first.low = low;
  first.high = high;
  first.size = size + 1;
  first.code = code;
}

/** How many quotes there are; 16 bytes at a time. `end` - `from` is a multiple of 16. */
export function quotes(from: usize, end: usize): i32 {
  let count: i32 = 0;
  const quotes = i8x16.splat(<i8>quote);
  for (let p = from; p < end; p += 16) count += popcnt(i8x16.bitmask(i8x16.eq(v128.load(p), quotes)));
  return count;
}
