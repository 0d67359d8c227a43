import type { HybridReader } from './parquet-hybrid.ts';
import type { Values } from './parquet-values.ts';

/** The values of a page that are there, handed out one after the other. */
export interface PageValues {
  /** Writes the next `count` into `out` from `at` on. `RangeError` where there are fewer. */
  read(out: Values, at: number, count: number): void;
  skip(count: number): void;
  /** The next `count` without a copy, where that is possible; they are passed over then. */
  view?(count: number): Values | undefined;
}

type Held = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;
interface HeldType {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Held;
}

/** Values whose bytes are those of our columns. */
export class HeldValues implements PageValues {
  readonly #bytes: Uint8Array;
  readonly #type: HeldType;
  #at: number;

  constructor(bytes: Uint8Array, at: number, type: HeldType) {
    this.#bytes = bytes;
    this.#at = at;
    this.#type = type;
  }

  static of(values: Values): HeldValues {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return new HeldValues(bytes, 0, values.constructor as HeldType);
  }

  /** By bytes, whose place need not be a multiple of their size. */
  read(out: Values, at: number, count: number): void {
    const size = out.BYTES_PER_ELEMENT;
    const start = this.#at;
    this.skip(count);
    const to = new Uint8Array(out.buffer, out.byteOffset + at * size, count * size);
    to.set(this.#bytes.subarray(start, this.#at));
  }

  skip(count: number): void {
    this.#at += count * this.#type.BYTES_PER_ELEMENT;
    if (this.#at > this.#bytes.length) throw new RangeError('it has fewer values than it promises');
  }

  view(count: number): Values | undefined {
    const start = this.#bytes.byteOffset + this.#at;
    if (start % this.#type.BYTES_PER_ELEMENT !== 0) return undefined;
    this.skip(count);
    return new this.#type(this.#bytes.buffer, start, count);
  }
}

/** Booleans. */
export class RunValues implements PageValues {
  readonly #runs: HybridReader;

  constructor(runs: HybridReader) {
    this.#runs = runs;
  }

  read(out: Values, at: number, count: number): void {
    this.#runs.read(out as Uint8Array, at, count);
  }

  skip(count: number): void {
    this.#runs.skip(count);
  }
}

/** So many codes lie in the fastest cache. */
const step = 4096;
const codes = new Int32Array(step);

/** Places in a dictionary. */
export class CodedValues implements PageValues {
  readonly #runs: HybridReader;
  readonly #dictionary: () => Values;

  constructor(runs: HybridReader, dictionary: () => Values) {
    this.#runs = runs;
    this.#dictionary = dictionary;
  }

  read(out: Values, at: number, count: number): void {
    const dictionary = this.#dictionary();
    for (let done = 0; done < count; done += step) {
      const next = Math.min(step, count - done);
      this.#runs.read(codes, 0, next);
      gather(out, at + done, dictionary, next);
    }
  }

  skip(count: number): void {
    this.#runs.skip(count);
  }
}

/** out[at + i] = dictionary[codes[i]], by 32 bits or twice that: a loop of its own for each type would do no other. */
function gather(out: Values, at: number, dictionary: Values, count: number): void {
  for (let i = 0; i < count; i++) {
    if (codes[i]! >>> 0 >= dictionary.length) throw new RangeError('a value is not in its dictionary');
  }
  const size = out.BYTES_PER_ELEMENT;
  if (out instanceof Float64Array) gatherDoubles(out, at, dictionary as Float64Array, count);
  else if (size === 4) gather32(wordsOf(out), at, wordsOf(dictionary), count);
  else if (size === 8) gather64(wordsOf(out), at, wordsOf(dictionary), count);
  else for (let i = 0; i < count; i++) (out as Uint8Array)[at + i] = (dictionary as Uint8Array)[codes[i]!]!;
}

/** As numbers of 32 bits. */
export const wordsOf = (values: Values): Int32Array =>
  new Int32Array(values.buffer, values.byteOffset, values.byteLength >>> 2);

function gatherDoubles(out: Float64Array, at: number, dictionary: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) out[at + i] = dictionary[codes[i]!]!;
}

function gather32(out: Int32Array, at: number, dictionary: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) out[at + i] = dictionary[codes[i]!]!;
}

/** 64-bit integers go as halves, since a BigInt a value is slow. */
function gather64(out: Int32Array, at: number, dictionary: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const code = codes[i]!;
    out[2 * (at + i)] = dictionary[2 * code]!;
    out[2 * (at + i) + 1] = dictionary[2 * code + 1]!;
  }
}
