import type { ByteSource } from '../store.ts';
import type { Field } from './batch.ts';
import type { Cells } from './cells.ts';
import { Branch, type Target } from './ndjson-paths.ts';
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
import type { ReadOptions, Shard, ShardBatch } from './shard.ts';
import { SlidingWindow } from './source.ts';
import { textOf } from './text-values.ts';
import { notUtf8 } from './utf8.ts';

const lineFeed = 10;
const encoder = new TextEncoder();
const notJson = 'the line is not JSON';
/** Of a value within which something is wrong. */
const failed = -2;

type BytesShard = Extract<Shard, { kind: 'bytes' }>;

/**
 * The rows of a file of JSON objects, one a line, whose first byte lies in the shard. A key that is not there, or null,
 * is a missing value, and a column may be named by a path into the object. A column of strings takes any value, as its
 * JSON text; empty lines are passed over.
 */
export async function* readNdjson(
  source: ByteSource,
  shard: BytesShard,
  fields: readonly Field[],
  batchRows: number,
  lent?: ReadOptions['lent'],
): AsyncGenerator<ShardBatch> {
  const reader = new NdjsonReader(fields, batchRows, lent);
  const window = new SlidingWindow(source, Math.max(0, shard.start - 1), shard.end);
  try {
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
  } finally {
    await window.close();
  }
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
  readonly #root: Branch;
  /** A row's number, by place, where that row had the column; and how many keys led to the value. */
  readonly #seen: Int32Array;
  readonly #depths: Uint8Array;
  #row = 0;
  /** Where the row begins. */
  #start = 0;
  readonly #token: JsonToken = jsonToken();
  #column = '';
  #reason = '';

  constructor(fields: readonly Field[], batchRows: number, lent: ReadOptions['lent']) {
    this.rows = new Rows(fields, batchRows, lent);
    this.#root = new Branch(fields.map(({ name }, place) => ({ name, place })));
    this.#seen = new Int32Array(fields.length);
    this.#depths = new Uint8Array(fields.length);
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
    this.#start = from;
    let at = skipBlanks(bytes, from, to);
    if (bytes[at] !== 123) return this.#fail('', 'the line is not a JSON object');
    at = this.#members(bytes, at, to, this.#root);
    if (at < 0) return false;
    if (skipBlanks(bytes, at, to) < to) return this.#fail('', 'something follows the JSON object');
    for (let place = 0; place < this.#seen.length; place++) {
      if (this.#seen[place] !== this.#row) this.rows.cells[place]!.putMissing(this.rows.count);
    }
    return true;
  }

  /** Reads the object whose bracket is at `start`. The place behind its closing bracket, or -1. */
  #members(bytes: Uint8Array, start: number, to: number, branch: Branch): number {
    const token = this.#token;
    let at = skipBlanks(bytes, start + 1, to);
    if (at < to && bytes[at] === 125) return at + 1;
    for (let position = 0; ; position++) {
      if (at < to && bytes[at] === 34) scanString(bytes, at, to, token);
      else token.next = -1;
      if (token.next < 0) return this.#broken();
      const target = this.#targetOf(bytes, position, branch);
      if (target === undefined) return -1;
      at = skipBlanks(bytes, token.next, to);
      if (bytes[at] !== 58) return this.#broken();
      at = this.#value(bytes, skipBlanks(bytes, at + 1, to), to, target, branch.depth);
      if (at < 0) return -1;
      at = skipBlanks(bytes, at, to);
      const byte = at < to ? bytes[at] : 0;
      at = skipBlanks(bytes, at + 1, to);
      if (byte === 125) return at;
      if (byte !== 44) return this.#broken();
    }
  }

  /** Reads the array whose bracket is at `start`. The place behind its closing bracket, or -1. */
  #elements(bytes: Uint8Array, start: number, to: number, branch: Branch): number {
    let at = skipBlanks(bytes, start + 1, to);
    if (at < to && bytes[at] === 93) return at + 1;
    for (let index = 0; ; index++) {
      const target = branch.target(String(index));
      at = this.#value(bytes, at, to, target, branch.depth);
      if (at < 0) return -1;
      at = skipBlanks(bytes, at, to);
      const byte = at < to ? bytes[at] : 0;
      at = skipBlanks(bytes, at + 1, to);
      if (byte === 93) return at;
      if (byte !== 44) return this.#broken();
    }
  }

  /** What is wanted of the value of the key that was scanned; undefined where it is no key. */
  #targetOf(bytes: Uint8Array, position: number, branch: Branch): Target | undefined {
    const { from, to, kind, wide } = this.#token;
    const { keys } = branch;
    const known = keys[position];
    if (known !== undefined && kind === text && equal(known.bytes, bytes, from, to)) return known.target;
    if (wide && !this.#isUtf8(bytes, from, to)) return undefined;
    const name = kind === text ? textOf(bytes, from, to) : unescaped(bytes, from, to);
    if (name === undefined) {
      this.#broken();
      return undefined;
    }
    const target = branch.target(name);
    if (kind === text && position <= keys.length) keys[position] = { bytes: bytes.slice(from, to), target };
    return target;
  }

  /** Reads a value into its column, and what is in it into theirs. The place behind it, or -1. */
  #value(bytes: Uint8Array, at: number, to: number, target: Target, depth: number): number {
    const token = this.#token;
    const { below } = target;
    const end = below === undefined ? -1 : this.#inner(bytes, at, to, below);
    if (end === failed) return -1;
    if (end >= 0) {
      token.kind = nested;
      token.from = at;
      token.to = end;
      token.next = end;
    } else {
      scanValue(bytes, at, to, token);
      if (token.next < 0) return this.#broken();
      if (token.wide && !this.#isUtf8(bytes, token.from, token.to)) return -1;
      if (token.kind === nested && !isJson(bytes, token.from, token.to)) return this.#broken();
    }
    const { next } = token;
    return this.#cell(bytes, target.place, depth) ? next : -1;
  }

  /** Reads what is in an object or array. The place behind it, -1 where it is neither, `failed` where it is no JSON. */
  #inner(bytes: Uint8Array, at: number, to: number, below: Branch): number {
    // A key that stands twice has its last value, and nothing of the one before.
    if (below.row === this.#row) {
      for (const place of below.places)
        if (this.#depths[place]! >= below.depth) this.#seen[place] = this.#row - 1;
    }
    below.row = this.#row;
    const byte = at < to ? bytes[at] : 0;
    if (byte !== 123 && byte !== 91) return -1;
    const end = byte === 123 ? this.#members(bytes, at, to, below) : this.#elements(bytes, at, to, below);
    return end < 0 ? failed : end;
  }

  #cell(bytes: Uint8Array, place: number, depth: number): boolean {
    const { kind, from, to } = this.#token;
    const plain = kind === escapedText ? unescaped(bytes, from, to) : '';
    if (plain === undefined) return this.#fail('', notJson);
    if (place < 0) return true;
    // The column's very key counts before what a path leads to.
    if (this.#seen[place] === this.#row && this.#depths[place]! < depth) return true;
    const cells = this.rows.cells[place]!;
    this.#seen[place] = this.#row;
    this.#depths[place] = depth;
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

  #isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
    const odd = notUtf8(bytes, from, to);
    return odd < 0 || this.#fail('', `byte ${odd - this.#start} of the line is not UTF-8`);
  }

  #broken(): number {
    this.#fail('', notJson);
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
