import type { ByteSource } from '../store.ts';
import type { Field } from './batch.ts';
import type { Cells } from './cells.ts';
import {
  boolean,
  escapedText,
  type JsonToken,
  jsonToken,
  nested,
  nothing,
  number,
  scanString,
  scanValue,
  skipBlanks,
  text,
} from './ndjson-row.ts';
import { Rows, refusal } from './rows.ts';
import type { Shard, ShardBatch } from './shard.ts';
import { SlidingWindow } from './source.ts';
import { textOf } from './text-values.ts';

const lineFeed = 10;
const encoder = new TextEncoder();

type BytesShard = Extract<Shard, { kind: 'bytes' }>;

/**
 * The rows of a file of JSON objects, one a line, whose first byte lies in the shard. A key that is not there, or null,
 * is a missing value. A column of strings takes any value, as its JSON text; empty lines are passed over.
 */
export async function* readNdjson(
  source: ByteSource,
  shard: BytesShard,
  fields: readonly Field[],
  batchRows: number,
): AsyncGenerator<ShardBatch> {
  const reader = new NdjsonReader(fields, batchRows);
  const window = new SlidingWindow(source, Math.max(0, shard.start - 1), shard.end);
  let at = await firstRow(window, shard.start);
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

/** Where in the window, which begins a byte before the shard, its first row begins. */
async function firstRow(window: SlidingWindow, start: number): Promise<number> {
  for (;;) {
    if (window.atEnd || window.bytes.length > 3) {
      const { bytes } = window;
      if (start === 0) return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
      if (start === 3 && bytes[0] === 0xbf) return 1; // Behind a byte order mark.
      const end = bytes.indexOf(lineFeed);
      if (end >= 0) return end + 1;
    }
    if (window.atEnd) return window.bytes.length;
    await window.advance(0);
  }
}

class NdjsonReader {
  readonly rows: Rows;
  readonly #places: ReadonlyMap<string, number>;
  /** The keys of the latest rows by their position, since most rows have the same: as bytes, and the place of each. */
  readonly #keys: { readonly bytes: Uint8Array; readonly place: number }[] = [];
  /** A row's number, by place, where that row had the column. */
  readonly #seen: Int32Array;
  #row = 0;
  readonly #token: JsonToken = jsonToken();
  #column = '';
  #reason = '';

  constructor(fields: readonly Field[], batchRows: number) {
    this.rows = new Rows(fields, batchRows);
    this.#places = new Map(fields.map((field, place) => [field.name, place]));
    this.#seen = new Int32Array(fields.length);
  }

  /** Reads rows that begin from `start` on, and before `end` of the object, and returns where it came to. */
  read(window: SlidingWindow, start: number, end: number): number {
    const { bytes, base, atEnd } = window;
    const stop = Math.min(bytes.length, end - base);
    let at = start;
    while (at < stop && !this.rows.full) {
      const found = bytes.indexOf(lineFeed, at);
      if (found < 0 && !atEnd) return at;
      const line = found < 0 ? bytes.length : found;
      if (skipBlanks(bytes, at, line) < line) {
        if (this.#put(bytes, at, line)) this.rows.commit(base + at);
        else this.rows.reject(base + at, this.#column, this.#reason, bytes, at, line);
      }
      at = found < 0 ? line : line + 1;
    }
    return at;
  }

  #put(bytes: Uint8Array, from: number, to: number): boolean {
    this.#row = (this.#row + 1) | 0;
    let at = skipBlanks(bytes, from, to);
    if (bytes[at] !== 123) return this.#fail('', 'the line is not a JSON object');
    at = skipBlanks(bytes, at + 1, to);
    if (at < to && bytes[at] === 125) at++;
    else at = this.#members(bytes, at, to);
    if (at < 0) return false;
    if (skipBlanks(bytes, at, to) < to) return this.#fail('', 'something follows the JSON object');
    for (let place = 0; place < this.#seen.length; place++) {
      if (this.#seen[place] !== this.#row) this.rows.cells[place]!.putMissing(this.rows.count);
    }
    return true;
  }

  /** The place behind the object's closing bracket, or -1. */
  #members(bytes: Uint8Array, start: number, to: number): number {
    const token = this.#token;
    let at = start;
    for (let position = 0; ; position++) {
      if (at < to && bytes[at] === 34) scanString(bytes, at, to, token);
      else token.next = -1;
      if (token.next < 0) return this.#broken();
      const place = this.#placeOf(bytes, position);
      at = skipBlanks(bytes, token.next, to);
      if (bytes[at] !== 58) return this.#broken();
      scanValue(bytes, skipBlanks(bytes, at + 1, to), to, token);
      if (token.next < 0) return this.#broken();
      at = skipBlanks(bytes, token.next, to);
      if (!this.#value(bytes, place)) return -1;
      const byte = at < to ? bytes[at] : 0;
      at = skipBlanks(bytes, at + 1, to);
      if (byte === 125) return at;
      if (byte !== 44) return this.#broken();
    }
  }

  #placeOf(bytes: Uint8Array, position: number): number {
    const { from, to, kind } = this.#token;
    const known = this.#keys[position];
    if (known !== undefined && kind === text && equal(known.bytes, bytes, from, to)) return known.place;
    const name = kind === text ? textOf(bytes, from, to) : unescaped(bytes, from, to);
    const place = (name === undefined ? undefined : this.#places.get(name)) ?? -1;
    if (kind === text && position <= this.#keys.length)
      this.#keys[position] = { bytes: bytes.slice(from, to), place };
    return place;
  }

  #value(bytes: Uint8Array, place: number): boolean {
    const { kind, from, to } = this.#token;
    if (kind === nested && !isJson(bytes, from, to)) return this.#fail('', 'the line is not JSON');
    const plain = kind === escapedText ? unescaped(bytes, from, to) : '';
    if (plain === undefined) return this.#fail('', 'the line is not JSON');
    if (place < 0) return true;
    const cells = this.rows.cells[place]!;
    this.#seen[place] = this.#row;
    if (kind === nothing) {
      cells.putMissing(this.rows.count);
      return true;
    }
    const own = kind === escapedText ? encoder.encode(plain) : bytes;
    const start = kind === escapedText ? 0 : from;
    const end = kind === escapedText ? own.length : to;
    if (takes(cells, kind) && cells.put(own, start, end, this.rows.count)) return true;
    const value = textOf(own, start, Math.min(end, start + 100));
    const shown = kind === text || kind === escapedText ? JSON.stringify(value) : value;
    return this.#fail(this.rows.fields[place]!.name, refusal(cells.type, shown));
  }

  #broken(): number {
    this.#fail('', 'the line is not JSON');
    return -1;
  }

  #fail(column: string, reason: string): false {
    this.#column = column;
    this.#reason = reason;
    return false;
  }
}

/** Whether a column takes a kind of JSON value at all; whether it takes that very value is for the cells to say. */
function takes(cells: Cells, kind: number): boolean {
  switch (cells.type) {
    case 'float':
    case 'integer':
      return kind === number;
    case 'boolean':
      return kind === boolean;
    case 'timestamp':
      return kind === text || kind === escapedText;
    case 'string':
      return true;
  }
}

function equal(known: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[from + i]) return false;
  return true;
}

/** The text of a string with escapes, or undefined where they are not JSON's. */
function unescaped(bytes: Uint8Array, from: number, to: number): string | undefined {
  try {
    return JSON.parse(`"${textOf(bytes, from, to)}"`);
  } catch {
    return undefined;
  }
}

function isJson(bytes: Uint8Array, from: number, to: number): boolean {
  try {
    JSON.parse(textOf(bytes, from, to));
    return true;
  } catch {
    return false;
  }
}
