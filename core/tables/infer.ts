import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import type { Field, FieldType } from './batch.ts';
import { byteOf, readHeader } from './csv-header.ts';
import { csvRow, doubled, scanRow, undoubled } from './csv-row.ts';
import { type Evidence, isDoubtful, noEvidence, observe, typeFrom } from './evidence.ts';
import { Observations, pathsTo } from './ndjson-infer.ts';

/** So much of the beginning of the first file, and of the end of the last one, is looked at. */
const sampleBytes = 2 ** 20;

const lineFeed = 10;

/** Types that somebody gave columns: they are not inferred. */
export type TypeOverrides = Readonly<Record<string, FieldType>>;

/** Fields of a CSV table from a sample, in the order of the first file's header. `BadTable` for a number column with a text. */
export async function inferCsv(
  sources: readonly ByteSource[],
  delimiter: string,
  declared: TypeOverrides,
): Promise<readonly Field[]> {
  const { names } = await readHeader(sources[0]!, delimiter);
  const columns = new Map(names.map((name) => [name, noEvidence()]));
  for (const { source, start, end } of samplesOf(sources)) {
    const header = await readHeader(source, delimiter);
    const from = Math.max(start, header.end);
    if (from >= end) continue;
    const bytes = await source.read(from, end);
    // A sample from the middle may begin within quotes; rows that come out wrong are passed over.
    const first = from === header.end ? 0 : bytes.indexOf(lineFeed) + 1;
    const evidence = header.names.map((name) => columns.get(name));
    const isLast = end === source.size || bytes.length < end - from;
    observeCsv(bytes, first, isLast, byteOf(delimiter), evidence);
  }
  return fieldsFrom(columns, declared, sources);
}

function observeCsv(
  bytes: Uint8Array,
  start: number,
  last: boolean,
  delimiter: number,
  evidence: readonly (Evidence | undefined)[],
): void {
  const row = csvRow();
  for (let at = start; at < bytes.length && scanRow(bytes, at, last, delimiter, row); at = row.next) {
    if (row.malformed || row.fields !== evidence.length) continue;
    for (const [i, column] of evidence.entries()) {
      const [from, to] = [row.starts[i]!, row.ends[i]!];
      if (column === undefined || from === to) continue;
      if (row.forms[i] === doubled) {
        const single = undoubled(bytes, from, to);
        observe(column, single, 0, single.length);
      } else observe(column, bytes, from, to);
    }
  }
}

/**
 * Fields of an NDJSON table from a sample, in the order of their first appearance; then those that are declared by a
 * path into a value that was seen (`tags.0`).
 */
export async function inferNdjson(
  sources: readonly ByteSource[],
  declared: TypeOverrides,
): Promise<readonly Field[]> {
  const seen = new Observations();
  for (const { source, start, end } of samplesOf(sources)) {
    const bytes = await source.read(start, end);
    let at = start === 0 ? 0 : bytes.indexOf(lineFeed) + 1;
    while (at < bytes.length) {
      const found = bytes.indexOf(lineFeed, at);
      if (found < 0 && end < source.size && bytes.length === end - start) break;
      const line = found < 0 ? bytes.length : found;
      seen.observe(bytes, at, line);
      at = line + 1;
    }
  }
  const columns = seen.columns((name) => declared[name] !== undefined);
  const paths = Object.entries(declared).filter(
    ([name]) => !columns.has(name) && pathsTo(name).some((path) => seen.has(path)),
  );
  return [...fieldsFrom(columns, declared, sources), ...paths.map(([name, type]) => ({ name, type }))];
}

interface Sample {
  readonly source: ByteSource;
  readonly start: number;
  readonly end: number;
}

function samplesOf(sources: readonly ByteSource[]): readonly Sample[] {
  const first = sources[0]!;
  const last = sources.at(-1)!;
  const head = { source: first, start: 0, end: Math.min(sampleBytes, first.size) };
  const tailStart = Math.max(last === first ? head.end : 0, last.size - sampleBytes);
  return tailStart < last.size ? [head, { source: last, start: tailStart, end: last.size }] : [head];
}

function fieldsFrom(
  columns: ReadonlyMap<string, Evidence>,
  declared: TypeOverrides,
  [first]: readonly ByteSource[],
): readonly Field[] {
  for (const [name, evidence] of columns) {
    if (declared[name] !== undefined || !isDoubtful(evidence)) continue;
    const { numbers, others, odd } = evidence;
    throw new FanfareError(
      'BadTable',
      `Column ${name} of ${first?.uri} holds numbers, but ${JSON.stringify(odd)} among the first and last ${numbers + others} of them. Mend the table, or say in table.columns what ${name} is: float (a row with a text is then named and refused) or string.`,
    );
  }
  return Array.from(columns, ([name, evidence]) => ({ name, type: typeFrom(evidence) }));
}
