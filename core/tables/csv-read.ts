import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import type { Field } from './batch.ts';
import { byteOf, readHeader } from './csv-header.ts';
import { type CsvRow, csvRow, doubled, endOfLine, plain, scanRow, undoubled } from './csv-row.ts';
import { article, Rows } from './rows.ts';
import type { Shard, ShardBatch } from './shard.ts';
import { SlidingWindow } from './source.ts';
import { textOf } from './text-values.ts';

const lineFeed = 10;

type BytesShard = Extract<Shard, { kind: 'bytes' }>;

/**
 * The rows of a CSV file (RFC 4180, with a header) whose first byte lies in the shard. An empty plain field is a missing
 * value; an empty quoted one is an empty string where the column is of strings, and missing otherwise. Empty lines are
 * passed over.
 */
export async function* readCsv(
  source: ByteSource,
  shard: BytesShard,
  fields: readonly Field[],
  delimiter: string,
  batchRows: number,
): AsyncGenerator<ShardBatch> {
  const header = await readHeader(source, delimiter);
  const reader = new CsvReader(header.names, fields, byteOf(delimiter), batchRows, source.uri);
  const window = new SlidingWindow(source, Math.max(0, shard.start - 1), shard.end);
  let at = await firstRow(window, shard);
  for (;;) {
    at = reader.read(window, at, shard.end);
    if (reader.rows.full) yield reader.rows.take();
    else if (window.base + at >= shard.end || window.atEnd) break;
    else {
      await window.advance(at);
      at = 0;
    }
  }
  if (!reader.rows.empty) yield reader.rows.take();
}

/** Where in the window, which begins a byte before the shard, the shard's first row begins. */
async function firstRow(window: SlidingWindow, shard: BytesShard): Promise<number> {
  if (shard.start === 0) return 0;
  for (;;) {
    if (window.atEnd || window.bytes.length > 1) {
      if (window.bytes[0] === lineFeed && !shard.startsInQuotes) return 1;
      const end = endOfLine(window.bytes, 1, shard.startsInQuotes);
      if (end >= 0) return end + 1;
    }
    if (window.atEnd) return window.bytes.length;
    await window.advance(0);
  }
}

/** Reads rows of text into typed columns. */
class CsvReader {
  readonly rows: Rows;
  readonly #delimiter: number;
  /** For each column of the file the place of its field, or -1 where it is not read. */
  readonly #places: Int32Array;
  readonly #row: CsvRow = csvRow();

  constructor(
    header: readonly string[],
    fields: readonly Field[],
    delimiter: number,
    batchRows: number,
    uri: string,
  ) {
    const lacking = fields.find((field) => !header.includes(field.name));
    if (lacking !== undefined) {
      throw new FanfareError(
        'BadTable',
        `${uri} lacks the column ${lacking.name}; its header has: ${header.join(', ')}.`,
      );
    }
    this.rows = new Rows(fields, batchRows);
    this.#delimiter = delimiter;
    this.#places = Int32Array.from(header, (name) => fields.findIndex((field) => field.name === name));
  }

  /** Reads rows that begin from `start` on, and before `end` of the object, and returns where it came to. */
  read(window: SlidingWindow, start: number, end: number): number {
    const { bytes, base, atEnd } = window;
    const row = this.#row;
    const stop = Math.min(bytes.length, end - base);
    let at = start;
    while (at < stop && !this.rows.full && scanRow(bytes, at, atEnd, this.#delimiter, row)) {
      if (row.end > at) this.#put(bytes, at, base + at);
      at = row.next;
    }
    return at;
  }

  #put(bytes: Uint8Array, at: number, rowId: number): void {
    const { rows } = this;
    const row = this.#row;
    const places = this.#places;
    if (row.malformed || row.fields !== places.length) {
      const reason = row.malformed
        ? 'a quote stands where none may: quote the whole field, and double the quotes in it'
        : `the row has ${row.fields} fields, the header ${places.length}`;
      rows.reject(rowId, '', reason, bytes, at, row.end);
      return;
    }
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      if (place < 0 || this.#putField(bytes, i, place)) continue;
      const { name, type } = rows.fields[place]!;
      const value = textOf(bytes, row.starts[i]!, Math.min(row.ends[i]!, row.starts[i]! + 100));
      rows.reject(rowId, name, `${JSON.stringify(value)} is not ${article(type)}`, bytes, at, row.end);
      return;
    }
    rows.commit(rowId);
  }

  #putField(bytes: Uint8Array, i: number, place: number): boolean {
    const cells = this.rows.cells[place]!;
    const from = this.#row.starts[i]!;
    const to = this.#row.ends[i]!;
    const form = this.#row.forms[i]!;
    if (from === to && (form === plain || cells.type !== 'string')) {
      cells.putMissing(this.rows.count);
      return true;
    }
    if (form !== doubled) return cells.put(bytes, from, to, this.rows.count);
    const single = undoubled(bytes, from, to);
    return cells.put(single, 0, single.length, this.rows.count);
  }
}
