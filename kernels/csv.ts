import { decimals, delimitersAt, feedAt } from './csv-decimals';
import { booleans, carriageReturn, Column, floats, integers, lineFeed, padding, quote, Run, skipped, timestamps } from './csv-run';
import { anyFloat, boolean, float, integer, isNan, timestamp } from './csv-values';
import { word } from './csv-words';

export { learn } from './csv-words';

/**
 * Rows of CSV into columns, in AssemblyScript; `scripts/build-kernels.mjs` compiles it. Every pointer is a byte offset in
 * the one imported memory; nothing here allocates. It stops at the first row that it does not know for certain, and
 * `core/tables/csv-read.ts` reads that one: what is here decides nothing.
 */

/** A run of so many rows, or more, tells whether a pair of columns is worth while. */
const judgedRows: i32 = 128;

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
  for (let i = 0; i < run.count; i++) {
    const column = changetype<Column>(run.columns + <usize>i * offsetof<Column>());
    column.missing = 0;
    if (run.limit < judgedRows) continue;
    if (column.failed > run.limit >> 3) column.isPaired = 0;
    column.failed = 0;
  }
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
  const offset = (<usize>row) << 3;
  const delimiters = i8x16.splat(<i8>delimiter);
  let p = start;
  let at = run.columns;
  while (true) {
    if (changetype<Column>(at).isPaired) {
      let block = p - 64, found: u64 = 0;
      do {
        const second = at + offsetof<Column>();
        const isLast = second == last;
        while (found == 0) {
          if ((block += 64) >= end) return 0;
          found = delimitersAt(block, delimiters);
        }
        const middle = block + <usize>ctz(found);
        found &= found - 1;
        while (found == 0 && !isLast) {
          if ((block += 64) >= end) return 0;
          found = delimitersAt(block, delimiters);
        }
        const q = isLast ? feedAt(middle + 1) : block + <usize>ctz(found);
        found &= found - 1;
        const stop = q - <usize>(isLast && load<u8>(q - 1) == carriageReturn);
        if (!decimals(p, middle, stop, changetype<Column>(at).values + offset, changetype<Column>(second).values + offset)) {
          changetype<Column>(at).failed++;
          break;
        }
        if (isLast) return q + 1;
        p = q + 1;
        at = second + offsetof<Column>();
      } while (changetype<Column>(at).isPaired);
    }
    const column = changetype<Column>(at);
    const kind = column.kind;
    let q: usize = 0;
    if (kind == floats && at != last) {
      q = float(p, delimiter, column.values + offset);
      if (q == 0) q = anyFloat(p, column.values + offset, run.fives);
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
      if (kind == floats) q = anyFloat(from, column.values + offset, run.fives);
      else if (kind == integers) q = integer(from, column.values + offset);
      else if (kind == booleans) q = boolean(from, column.values + <usize>row);
      else q = timestamp(from, delimiter, column.values + offset);
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

/** How many quotes there are; 16 bytes at a time. `end` - `from` is a multiple of 16. */
export function quotes(from: usize, end: usize): i32 {
  let count: i32 = 0;
  const quotes = i8x16.splat(<i8>quote);
  for (let p = from; p < end; p += 16) count += popcnt(i8x16.bitmask(i8x16.eq(v128.load(p), quotes)));
  return count;
}
