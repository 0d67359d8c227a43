import type { HybridReader } from './parquet-hybrid.ts';
import type { Values } from './parquet-values.ts';
import type { Pieces } from './shard.ts';

/** The values of a page that are there, handed out one after the other. */
export interface PageValues {
  /** Writes the next `count` into `out` from `at` on. `RangeError` where there are fewer. */
  read(out: Values, at: number, count: number): void;
  skip(count: number): void;
  /** Whether one of the values may be not-a-number without a look at each. */
  readonly mayBeNaN?: boolean;
  /** The next `count` without a copy, where that is possible; they are passed over then. */
  view?(count: number): Values | undefined;
}

type Held = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;
interface HeldType {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Held;
}

/** Values whose bytes are those of our columns; where they come in pieces, a value may lie in two. */
export class HeldValues implements PageValues {
  readonly mayBeNaN = true;
  readonly #type: HeldType;
  readonly #pieces: Pieces;
  /** The piece that is read, and where. */
  #bytes: Uint8Array;
  #at: number;
  #next = 1;

  constructor(pieces: Pieces, at: number, type: HeldType) {
    this.#pieces = pieces;
    this.#bytes = pieces[0];
    this.#at = at;
    this.#type = type;
  }

  static of(values: Values): HeldValues {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return new HeldValues([bytes], 0, values.constructor as HeldType);
  }

  /** By bytes, whose place need not be a multiple of their size. */
  read(out: Values, at: number, count: number): void {
    const size = out.BYTES_PER_ELEMENT;
    const to = new Uint8Array(out.buffer, out.byteOffset + at * size, count * size);
    for (let done = 0; done < to.length; ) {
      const length = this.#pass(to.length - done);
      to.set(this.#bytes.subarray(this.#at - length, this.#at), done);
      done += length;
    }
  }

  skip(count: number): void {
    for (let left = count * this.#type.BYTES_PER_ELEMENT; left > 0; ) left -= this.#pass(left);
  }

  view(count: number): Values | undefined {
    const size = this.#type.BYTES_PER_ELEMENT;
    const start = this.#bytes.byteOffset + this.#at;
    if (start % size !== 0 || this.#at + count * size > this.#bytes.length) return undefined;
    this.skip(count);
    return new this.#type(this.#bytes.buffer, start, count);
  }

  /** Passes over at most so many bytes, of one piece, and says over how many. */
  #pass(most: number): number {
    while (this.#at >= this.#bytes.length) {
      const piece = this.#pieces[this.#next++];
      if (piece === undefined) throw new RangeError('it has fewer values than it promises');
      this.#at -= this.#bytes.length;
      this.#bytes = piece;
    }
    const length = Math.min(most, this.#bytes.length - this.#at);
    this.#at += length;
    return length;
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

/** What the codes of a chunk stand for. */
export interface Meanings {
  readonly values: Values;
  readonly mayBeNaN: boolean;
}

/** Places in a dictionary. */
export class CodedValues implements PageValues {
  readonly #runs: HybridReader;
  readonly #meanings: () => Meanings;

  constructor(runs: HybridReader, meanings: () => Meanings) {
    this.#runs = runs;
    this.#meanings = meanings;
  }

  get mayBeNaN(): boolean {
    return this.#meanings().mayBeNaN;
  }

  read(out: Values, at: number, count: number): void {
    const { values } = this.#meanings();
    for (let done = 0; done < count; done += step) {
      const next = Math.min(step, count - done);
      this.#runs.read(codes, 0, next);
      const most = gather(out, at + done, values, next);
      if (most >= values.length) throw new RangeError(`value ${most} of a dictionary of ${values.length}`);
    }
  }

  skip(count: number): void {
    this.#runs.skip(count);
  }
}

/** out[at + i] = dictionary[codes[i]], by 32 bits or twice that; the greatest code. */
function gather(out: Values, at: number, dictionary: Values, count: number): number {
  if (out instanceof Float64Array) return gatherDoubles(out, at, dictionary as Float64Array, count);
  if (out instanceof Uint8Array) throw new RangeError('booleans have no dictionary');
  if (out instanceof BigInt64Array) return gather64(wordsOf(out), at, wordsOf(dictionary), count);
  return gather32(wordsOf(out), at, wordsOf(dictionary), count);
}

/** As numbers of 32 bits. */
export const wordsOf = (values: Values): Int32Array =>
  new Int32Array(values.buffer, values.byteOffset, values.byteLength >>> 2);

function gatherDoubles(out: Float64Array, at: number, dictionary: Float64Array, count: number): number {
  let most = 0;
  for (let i = 0; i < count; i++) {
    const code = codes[i]!;
    if (code > most) most = code;
    out[at + i] = dictionary[code]!;
  }
  return most;
}

function gather32(out: Int32Array, at: number, dictionary: Int32Array, count: number): number {
  let most = 0;
  for (let i = 0; i < count; i++) {
    const code = codes[i]!;
    if (code > most) most = code;
    out[at + i] = dictionary[code]!;
  }
  return most;
}

/** 64-bit integers go as halves, since a BigInt a value is slow. */
function gather64(out: Int32Array, at: number, dictionary: Int32Array, count: number): number {
  let most = 0;
  for (let i = 0; i < count; i++) {
    const code = codes[i]!;
    if (code > most) most = code;
    out[2 * (at + i)] = dictionary[2 * code]!;
    out[2 * (at + i) + 1] = dictionary[2 * code + 1]!;
  }
  return most;
}
