import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import { isGzip, type TableFormat } from './format.ts';
import { type Gunzip, gzipHead, requireGunzip } from './gzip.ts';
import { textOf } from './text-values.ts';

/** So many files are looked at at once. */
const atOnce = 16;
const headBytes = 4096;

const names: Readonly<Record<TableFormat, string>> = {
  parquet: 'a Parquet file',
  csv: 'a CSV file',
  ndjson: 'an NDJSON file',
  arrow: 'an Arrow IPC file',
};

interface Signature {
  readonly name: string;
  /** What the file begins with; Latin-1. */
  readonly bytes: string;
  readonly format?: TableFormat;
  readonly advice: string;
}

const unpack = 'Decompress it, or give it as .gz or as Parquet.';
const signatures: readonly Signature[] = [
  { name: names.parquet, bytes: 'PAR1', format: 'parquet', advice: 'Call it .parquet.' },
  { name: names.arrow, bytes: 'ARROW1', format: 'arrow', advice: 'Call it .arrow.' },
  { name: 'a gzip file', bytes: '\x1f\x8b', advice: 'Put .gz behind its name.' },
  { name: 'a Zstandard file', bytes: '\x28\xb5\x2f\xfd', advice: unpack },
  { name: 'a bzip2 file', bytes: 'BZh', advice: unpack },
  { name: 'an xz file', bytes: '\xfd7zXZ', advice: unpack },
  { name: 'a zip archive or an Excel workbook', bytes: 'PK\x03\x04', advice: 'Give the table as CSV.' },
  { name: 'an ORC file', bytes: 'ORC', advice: 'Convert it to Parquet.' },
  { name: 'an Avro file', bytes: 'Obj\x01', advice: 'Convert it to Parquet.' },
];

/**
 * `BadTable` where a file's beginning says that it is something else than its name promises: another format, a
 * compressed file, UTF-16, a JSON document in place of lines.
 */
export async function requireContents(
  sources: readonly ByteSource[],
  format: TableFormat,
  gunzip: Gunzip | undefined,
): Promise<void> {
  const held = sources.filter(({ size }) => size > 0);
  for (let at = 0; at < held.length; at += atOnce)
    await Promise.all(held.slice(at, at + atOnce).map((source) => requireContent(source, format, gunzip)));
}

async function requireContent(
  source: ByteSource,
  format: TableFormat,
  gunzip: Gunzip | undefined,
): Promise<void> {
  const head = await source.read(0, Math.min(headBytes, source.size));
  if (!isGzip(source.name)) return requireHead(head, format, source.uri);
  if (signatureOf(head)?.name !== 'a gzip file') {
    const found = signatureOf(head)?.name;
    throw new FanfareError(
      'BadTable',
      `${source.uri} is not a gzip file, as its name says${found ? `, but ${found}` : ''}.`,
    );
  }
  const text = await gzipHead(source, requireGunzip(gunzip, source.uri)).read(0, headBytes);
  requireHead(text, format, `the text within ${source.uri}`);
}

function requireHead(head: Uint8Array, format: TableFormat, what: string): void {
  const not = `${what} is not ${names[format]}`;
  const found = signatureOf(head);
  if (found && found.format !== format)
    throw new FanfareError('BadTable', `${not}: it begins as ${found.name} does. ${found.advice}`);
  if (format !== 'csv' && format !== 'ndjson') return;
  if (isUtf16(head)) {
    const advice = 'convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)';
    throw new FanfareError('BadTable', `${what} is UTF-16: ${advice}.`);
  }
  if (format === 'ndjson') requireLines(head, not);
}

/** None for what may be text: a CSV file's first column may be called ORCID. */
function signatureOf(head: Uint8Array): Signature | undefined {
  if (!head.some((byte) => byte < 9 || (byte > 13 && byte < 32))) return undefined;
  const latin = String.fromCharCode(...head.subarray(0, 8));
  return signatures.find(({ bytes }) => latin.startsWith(bytes));
}

/** By its byte order mark or, without one, by zeros in every second place. */
function isUtf16(head: Uint8Array): boolean {
  const [first, second] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  const some = head.subarray(0, 64);
  const zeros = (parity: number) => some.filter((byte, at) => at % 2 === parity && byte === 0).length;
  const half = Math.floor(some.length / 2);
  return half >= 4 && Math.max(zeros(0), zeros(1)) > 0.8 * half && Math.min(zeros(0), zeros(1)) === 0;
}

function requireLines(head: Uint8Array, not: string): void {
  const text = textOf(head, 0, head.length);
  if (/^\uFEFF?\s*\[\s*(\{|\r?\n)/.test(text)) {
    const advice = `jq -c '.[]' in.json > out.ndjson`;
    throw new FanfareError('BadTable', `${not} but one JSON array: give an object a line (${advice}).`);
  }
  if (!/^\uFEFF?\s*\{\s*\r?\n/.test(text)) return;
  const advice = 'jq -c . in.json > out.ndjson';
  throw new FanfareError('BadTable', `${not}: its first object stands on several lines (${advice}).`);
}
