/** Where the reading of a page stands. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/**
 * Parquet's mix of runs and bit-packed groups (RLE/bit-packing hybrid, Encodings.md), `width` bits a value, into `out`
 * until it is full. The cursor stops behind the last run that was read.
 */
export function readHybrid(cursor: Cursor, width: number, out: Int32Array | Uint8Array): void {
  let filled = 0;
  while (filled < out.length) {
    const header = readVarint(cursor);
    const count = header >>> 1;
    if ((header & 1) === 0) {
      const value = readPadded(cursor, width);
      const end = Math.min(filled + count, out.length);
      out.fill(value, filled, end);
      filled = end;
    } else {
      filled = unpack(cursor, width, count, out, filled);
    }
    if (count === 0) throw new RangeError('a run of no values');
  }
}

function readVarint(cursor: Cursor): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) break;
    value |= (byte & 127) << shift;
    if (byte < 128) return value >>> 0;
  }
  throw new RangeError('a number that does not end');
}

function readPadded(cursor: Cursor, width: number): number {
  let value = 0;
  for (let shift = 0; shift < width; shift += 8) value |= cursor.bytes[cursor.at++]! << shift;
  return value;
}

/** `groups` of eight values, `width` bytes each. The last group may be cut short by the end of the page. */
function unpack(
  cursor: Cursor,
  width: number,
  groups: number,
  out: Int32Array | Uint8Array,
  from: number,
): number {
  const { bytes } = cursor;
  const start = cursor.at;
  const count = Math.min(groups * 8, out.length - from);
  const mask = width === 32 ? -1 : (1 << width) - 1;
  // Up to here four bytes can be read at once, and hold a whole value of up to 25 bits.
  const whole =
    width > 25 ? 0 : Math.min(count, Math.floor(((bytes.length - start - 4) * 8) / Math.max(1, width)));
  let bit = 0;
  let i = 0;
  for (; i < whole; i++, bit += width) {
    const at = start + (bit >>> 3);
    const four = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    out[from + i] = (four >>> (bit & 7)) & mask;
  }
  for (; i < count; i++, bit += width) out[from + i] = valueAt(bytes, start, bit, width);
  cursor.at = Math.min(start + groups * width, bytes.length);
  return from + count;
}

function valueAt(bytes: Uint8Array, start: number, bit: number, width: number): number {
  let value = 0;
  for (let i = 0; i < width; i++) {
    const place = bit + i;
    const byte = bytes[start + (place >>> 3)] ?? 0;
    value |= ((byte >>> (place & 7)) & 1) << i;
  }
  return value;
}
