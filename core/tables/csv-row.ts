const quote = 34;
const lineFeed = 10;
const carriageReturn = 13;

/** How a field stands in its row: as it is, quoted, or quoted with doubled quotes inside. */
export const plain = 0;
const quoted = 1;
export const doubled = 2;

/** The fields of one row, as `scanRow` found them. One object serves for row after row. */
export interface CsvRow {
  fields: number;
  /** Field i's text is bytes[starts[i], ends[i]), without its quotes. */
  starts: Int32Array;
  ends: Int32Array;
  forms: Uint8Array;
  /** Its last byte (exclusive), without the line break. */
  end: number;
  /** Where the next row begins. */
  next: number;
  /** A quote stands where RFC 4180 has none: inside a plain field, or in a quoted one that goes on behind it. */
  malformed: boolean;
}

export const csvRow = (): CsvRow => ({
  fields: 0,
  starts: new Int32Array(64),
  ends: new Int32Array(64),
  forms: new Uint8Array(64),
  end: 0,
  next: 0,
  malformed: false,
});

/**
 * Finds the fields of the row that begins at `start`. A row ends at the first line break with an even number of quotes
 * before it, whatever else is wrong with it, so that every reader has rows begin at the same bytes.
 * False if the bytes end before the row does, unless they are the `last` ones of the file.
 */
export function scanRow(
  bytes: Uint8Array,
  start: number,
  last: boolean,
  delimiter: number,
  row: CsvRow,
): boolean {
  const limit = bytes.length;
  row.fields = 0;
  row.malformed = false;
  let at = start;
  for (;;) {
    let from = at;
    let to = at;
    let form = plain;
    if (at < limit && bytes[at] === quote) {
      from = at + 1;
      form = quoted;
      for (to = from; to < limit; to++) {
        if (bytes[to] !== quote) continue;
        if (to + 1 >= limit || bytes[to + 1] !== quote) break;
        form = doubled;
        to++;
      }
      if (to >= limit) return scanMalformed(bytes, start, last, row);
      at = to + 1;
      if (at < limit && bytes[at] === carriageReturn && (at + 1 < limit ? bytes[at + 1] === lineFeed : last))
        at++;
    } else {
      let byte = 0;
      while (at < limit) {
        byte = bytes[at]!;
        if (byte === delimiter || byte === lineFeed || byte === quote) break;
        at++;
      }
      to = at > from && byte !== delimiter && bytes[at - 1] === carriageReturn ? at - 1 : at;
    }
    if (at >= limit && !last) return false;
    if (row.fields === row.starts.length) grow(row);
    row.starts[row.fields] = from;
    row.ends[row.fields] = to;
    row.forms[row.fields] = form;
    row.fields++;
    if (at >= limit || bytes[at] === lineFeed) {
      row.end = form === plain ? to : to + 1;
      row.next = Math.min(at + 1, limit);
      return true;
    }
    if (bytes[at] !== delimiter) return scanMalformed(bytes, start, last, row);
    at++;
  }
}

function scanMalformed(bytes: Uint8Array, start: number, last: boolean, row: CsvRow): boolean {
  const end = endOfLine(bytes, start, false);
  if (end < 0 && !last) return false;
  row.fields = 0;
  row.malformed = true;
  row.end = end < 0 ? bytes.length : end;
  row.next = end < 0 ? bytes.length : end + 1;
  return true;
}

/** The first line feed from `at` on that is not within quotes, or -1. `inQuotes` tells whether `at` is. */
export function endOfLine(bytes: Uint8Array, at: number, inQuotes: boolean): number {
  let within = inQuotes;
  for (let p = at; p < bytes.length; p++) {
    const byte = bytes[p];
    if (byte === quote) within = !within;
    else if (byte === lineFeed && !within) return p;
  }
  return -1;
}

/** The field's text with doubled quotes made single, as bytes of its own. */
export function undoubled(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const single = new Uint8Array(to - from);
  let length = 0;
  for (let at = from; at < to; at++) {
    single[length++] = bytes[at]!;
    if (bytes[at] === quote) at++;
  }
  return single.subarray(0, length);
}

function grow(row: CsvRow): void {
  const [starts, ends, forms] = [row.starts, row.ends, row.forms];
  row.starts = new Int32Array(2 * starts.length);
  row.starts.set(starts);
  row.ends = new Int32Array(2 * ends.length);
  row.ends.set(ends);
  row.forms = new Uint8Array(2 * forms.length);
  row.forms.set(forms);
}
