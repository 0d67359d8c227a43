/** What `csv.ts` reads into, in AssemblyScript; `core/tables/csv-layout.ts` knows how long each is. */

export const quote: i32 = 34, lineFeed: i32 = 10, carriageReturn: i32 = 13;

/** What a column of the file is read as. */
export const skipped: i32 = 0, floats: i32 = 1, integers: i32 = 2, booleans: i32 = 3, timestamps: i32 = 4;

/** So many bytes behind the text are written over, so that no row is taken to go on there. */
export const padding: usize = 64;

@unmanaged export class Column {
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
  /** Whether it and the next column are read at once: two of floats, as long as most of them are short decimals. */
  isPaired: i32;
  /** How often that failed in this run. */
  failed: i32;
}

/** A word as a row has it, whose code is not known here. */
@unmanaged export class OpenWord {
  row: i32;
  /** The column's number in the file × 2, + 1 where quotes are doubled in it. */
  column: i32;
  from: usize;
  to: usize;
}

@unmanaged export class KnownWord {
  low: u64;
  high: u64;
  /** Its length + 1. */
  size: i32;
  code: i32;
}

@unmanaged export class Run {
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
