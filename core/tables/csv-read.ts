import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import type { Field } from './batch.ts';
import type { StringCells } from './cells.ts';
import { byteOf, readHeader } from './csv-header.ts';
import { type CsvKernel, csvKernel, takesDelimiter } from './csv-kernel.ts';
import { type CsvRow, csvRow, doubled, endOfLine, plain, scanRow, undoubled } from './csv-row.ts';
import { fairRows, Rows, refusal } from './rows.ts';
import type { ReadOptions, Shard, ShardBatch } from './shard.ts';
import { chunkBytesOf, SlidingWindow } from './source.ts';
import { textOf } from './text-values.ts';
import type { Words } from './words.ts';

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
  lent: ReadOptions['lent'] = undefined,
  byKernel = takesDelimiter(byteOf(delimiter)),
): AsyncGenerator<ShardBatch> {
  const header = await readHeader(source, delimiter);
  const kernel = byKernel ? csvKernel() : undefined;
  const window = new SlidingWindow(source, Math.max(0, shard.start - 1), shard.end, kernel);
  try {
    const reader = new CsvReader(header.names, fields, byteOf(delimiter), batchRows, lent, source, kernel);
    let at = await firstRow(window, shard);
    let isLending = false;
    for (;;) {
      at = reader.read(window, at, shard.end);
      if (reader.rows.full) {
        isLending = lent !== undefined;
        yield reader.rows.take();
      } else if (window.base + at >= shard.end || window.atEnd) break;
      else {
        await window.advance(at);
        at = 0;
      }
    }
    if (!reader.rows.empty) yield reader.rows.take(true);
    // The last batch may be looked at for ever.
    else if (isLending) return;
    await window.close();
    kernel?.release();
  } finally {
    await window.close();
  }
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

/** A kernel that stopped is asked for so few rows at first, and for twice as many each time that it does not. */
const fewRows = 16;
/** One that stops at once, again and again, is not asked for up to so many rows. */
const [hardlyAny, mostAlone] = [4, 64];

/** Reads rows of text into typed columns: as many as it can by the kernel, and those that stop it one by one. */
class CsvReader {
  readonly rows: Rows;
  readonly #delimiter: number;
  /** For each column of the file the place of its field, or -1 where it is not read. */
  readonly #places: Int32Array;
  readonly #row: CsvRow = csvRow();
  readonly #kernel: CsvKernel | undefined;
  #limit = fewRows;
  /** So many rows are read without the kernel when it stopped last, and now. */
  #pause = 0;
  #alone = 0;
  /** For each column of the file whether the kernel writes it to where its batch is. */
  readonly #isAimed: boolean[];
  /** For each column of the file the words whose codes the kernel knows. */
  readonly #words: (Words | undefined)[];

  constructor(
    header: readonly string[],
    fields: readonly Field[],
    delimiter: number,
    batchRows: number,
    lent: ReadOptions['lent'],
    source: ByteSource,
    kernel: CsvKernel | undefined,
  ) {
    const lacking = fields.find((field) => !header.includes(field.name));
    if (lacking !== undefined) {
      throw new FanfareError(
        'BadTable',
        `${source.uri} lacks the column ${lacking.name}; its header has: ${header.join(', ')}.`,
      );
    }
    const capacity = fairRows(fields, batchRows);
    kernel?.lay(
      header.map((name) => fields.find((field) => field.name === name)?.type),
      delimiter,
      { capacity, isLent: (i) => lent?.has(header[i]!) === true, chunkBytes: chunkBytesOf(source) },
    );
    this.rows = new Rows(fields, capacity, lent, (name) => kernel?.arraysOf(header.indexOf(name)));
    this.#delimiter = delimiter;
    this.#places = Int32Array.from(header, (name) => fields.findIndex((field) => field.name === name));
    this.#words = header.map(() => undefined);
    this.#isAimed = header.map(() => false);
    this.#kernel = kernel;
  }

  /** Reads rows that begin from `start` on, and before `end` of the object, and returns where it came to. */
  read(window: SlidingWindow, start: number, end: number): number {
    const { bytes, base, atEnd } = window;
    const row = this.#row;
    const stop = Math.min(bytes.length, end - base);
    let at = start;
    this.#forgetWords();
    while (at < stop && !this.rows.full) {
      if (this.#alone > 0) this.#alone--;
      else if (this.#kernel !== undefined) {
        at = this.#readRun(this.#kernel, bytes, at, stop, base);
        if (at >= stop || this.rows.full) break;
      }
      if (!scanRow(bytes, at, atEnd, this.#delimiter, row)) break;
      if (row.end > at) this.#put(bytes, at, base + at);
      at = row.next;
    }
    return at;
  }

  /** Reads rows by the kernel until it stops at one, which it returns the place of. */
  #readRun(kernel: CsvKernel, bytes: Uint8Array, start: number, stop: number, base: number): number {
    const before = this.rows.count;
    let at = start;
    while (at < stop && !this.rows.full) {
      const limit = Math.min(this.#limit, this.rows.room);
      for (let i = 0; i < this.#places.length; i++) {
        const place = this.#places[i]!;
        if (place >= 0) this.#isAimed[i] = kernel.aim(i, this.rows.cells[place]!.values, this.rows.count);
      }
      const read = kernel.read(bytes, at, stop, base, limit);
      const rows = this.#codeWords(kernel, bytes, read);
      for (let i = 0; i < this.#places.length; i++) {
        const place = this.#places[i]!;
        if (place < 0 || rows === 0) continue;
        const cells = this.rows.cells[place]!;
        const valid = kernel.validOf(i, rows);
        if (this.#isAimed[i]) cells.putValid(valid, this.rows.count, rows);
        else cells.putAll(kernel.valuesOf(i, rows), valid, this.rows.count);
      }
      at = rows < read ? kernel.rowIds(read)[rows]! - base : kernel.next;
      this.rows.commitAll(kernel.rowIds(rows));
      if (rows < limit) {
        this.#limit = fewRows;
        this.#pause = this.rows.count - before < hardlyAny ? Math.min(2 * this.#pause + 1, mostAlone) : 0;
        this.#alone = this.#pause;
        break;
      }
      this.#limit = Math.min(2 * this.#limit, kernel.mostRows);
    }
    return at;
  }

  /** A batch that was taken may have had the last of a dictionary. */
  #forgetWords(): void {
    for (const [i, place] of this.#places.entries()) {
      const cells = this.rows.cells[place];
      if (cells?.type !== 'string' || (cells as StringCells).words === this.#words[i]) continue;
      this.#words[i] = (cells as StringCells).words;
      this.#kernel?.forget(i);
    }
  }

  /** How many rows of the run come before the first with a text that is not UTF-8. */
  #codeWords(kernel: CsvKernel, bytes: Uint8Array, rows: number): number {
    return kernel.code(rows, (i, from, to, isDoubled) => {
      const { words } = this.rows.cells[this.#places[i]!] as StringCells;
      if (!isDoubled) return words.code(bytes, from, to);
      const single = undoubled(bytes, from, to);
      return words.code(single, 0, single.length);
    });
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
      rows.reject(rowId, name, refusal(type, JSON.stringify(value)), bytes, at, row.end);
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
