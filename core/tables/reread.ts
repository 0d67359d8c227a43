import type { ByteSource } from '../store.ts';
import { endOfLine } from './csv-row.ts';
import { chunkBytes } from './source.ts';

const lineFeed = 10;
const carriageReturn = 13;
const tailBytes = 64 * 2 ** 10;

/** The rows of a text that begin at those bytes (ascending), read where they lie: many with one request where they lie close together. */
export async function rereadRows(
  source: ByteSource,
  format: 'csv' | 'ndjson',
  offsets: readonly number[],
): Promise<Uint8Array[]> {
  const rows: Uint8Array[] = [];
  const last = offsets.at(-1) ?? 0;
  let base = 0;
  let bytes: Uint8Array = new Uint8Array(0);
  for (const offset of offsets) {
    let end = offset < base + bytes.length ? endOf(bytes, offset - base, format) : -1;
    for (let ahead = tailBytes; end < 0; ahead *= 2) {
      const to = Math.min(
        source.size,
        Math.max(offset + ahead, Math.min(last + tailBytes, offset + chunkBytes)),
      );
      bytes = await source.read(offset, to);
      base = offset;
      end = endOf(bytes, 0, format);
      // What is compressed does not say how long it is: it gives fewer bytes at its end.
      if (end < 0 && (to === source.size || bytes.length < to - offset)) end = bytes.length;
    }
    rows.push(bytes.subarray(offset - base, end));
  }
  return rows;
}

/** Where the row ends that begins at `at`, without its line break; -1 where the bytes end before. */
function endOf(bytes: Uint8Array, at: number, format: 'csv' | 'ndjson'): number {
  if (format === 'ndjson') return bytes.indexOf(lineFeed, at);
  const end = endOfLine(bytes, at, false);
  return end > at && bytes[end - 1] === carriageReturn ? end - 1 : end;
}
