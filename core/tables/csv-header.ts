import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import { csvRow, doubled, scanRow, undoubled } from './csv-row.ts';
import { textOf } from './text-values.ts';

/** A header longer than that is none. */
const maxHeaderBytes = 2 ** 20;
const firstBytes = 64 * 2 ** 10;

export interface CsvHeader {
  readonly names: readonly string[];
  /** Where the first row of data begins. */
  readonly end: number;
}

/** Reads the first row of a CSV file, behind a byte order mark. `BadTable` if there is none, or a name stands twice. */
export async function readHeader(source: ByteSource, delimiter: string): Promise<CsvHeader> {
  if (source.size === 0)
    throw new FanfareError('BadTable', `${source.uri} is empty: it has no header and no rows.`);
  for (let length = firstBytes; ; length = maxHeaderBytes) {
    const size = Math.min(length, source.size);
    const bytes = await source.read(0, size);
    const isAll = bytes.length < size || size === source.size;
    const header = headerOf(bytes, isAll, delimiter, source.uri);
    if (header !== undefined) return header;
    if (length === maxHeaderBytes) {
      throw new FanfareError(
        'BadTable',
        `${source.uri} has no header: its first row is longer than ${length} bytes.`,
      );
    }
  }
}

function headerOf(bytes: Uint8Array, last: boolean, delimiter: string, uri: string): CsvHeader | undefined {
  const row = csvRow();
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  if (!scanRow(bytes, start, last, byteOf(delimiter), row)) return undefined;
  if (bytes.subarray(start, row.end).includes(0)) {
    throw new FanfareError(
      'BadTable',
      `${uri} is not a CSV file: its first row has a byte 0, which is in no text.`,
    );
  }
  if (row.malformed) {
    throw new FanfareError(
      'BadTable',
      `The header of ${uri} has a quote where none may stand: ${textOf(bytes, start, Math.min(row.end, start + 200))}`,
    );
  }
  const names = Array.from({ length: row.fields }, (_, i) => {
    const [from, to] = [row.starts[i]!, row.ends[i]!];
    if (row.forms[i] !== doubled) return textOf(bytes, from, to);
    const single = undoubled(bytes, from, to);
    return textOf(single, 0, single.length);
  });
  requireNames(names, uri);
  return { names, end: row.next };
}

function requireNames(names: readonly string[], uri: string): void {
  const nameless = names.indexOf('');
  if (nameless >= 0) {
    throw new FanfareError(
      'BadTable',
      `Column ${nameless + 1} of ${uri} has no name in the header: ${names.join(', ')}`,
    );
  }
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw new FanfareError('BadTable', `The header of ${uri} names the column ${twice} twice.`);
}

/** `InvalidSpec` for a delimiter that is not one character of ASCII, or that CSV needs for something else. */
export function byteOf(delimiter: string): number {
  const byte = delimiter.charCodeAt(0);
  if (delimiter.length === 1 && byte < 128 && !'"\r\n'.includes(delimiter)) return byte;
  throw new FanfareError(
    'InvalidSpec',
    `A CSV delimiter is one ASCII character other than a quote or a line break, such as , ; | or a tab; given was ${JSON.stringify(delimiter)}.`,
  );
}
