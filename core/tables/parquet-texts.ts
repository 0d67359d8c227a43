import type { PageValues } from './parquet-page-values.ts';
import type { Values } from './parquet-values.ts';
import type { Words } from './words.ts';

/** A column's dictionary in the making; another one as soon as it is full. */
export type WordsNow = () => Words;

const missing = 'it has fewer values than it promises';

/** Texts, each behind its length (PLAIN), to their codes. */
export class PlainTexts implements PageValues {
  readonly #bytes: Uint8Array;
  readonly #words: WordsNow;
  #at: number;

  constructor(bytes: Uint8Array, at: number, words: WordsNow) {
    this.#bytes = bytes;
    this.#words = words;
    this.#at = at;
  }

  read(out: Values, at: number, count: number): void {
    const bytes = this.#bytes;
    const words = this.#words();
    for (let i = 0; i < count; i++) {
      const end = this.#next();
      out[at + i] = words.code(bytes, this.#at, end);
      this.#at = end;
    }
  }

  skip(count: number): void {
    for (let i = 0; i < count; i++) this.#at = this.#next();
  }

  /** Goes behind the next text's length, and gives where the text ends. */
  #next(): number {
    const bytes = this.#bytes;
    const at = this.#at;
    if (at + 4 > bytes.length) throw new RangeError(missing);
    const length = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    this.#at = at + 4;
    const end = this.#at + (length >>> 0);
    if (end > bytes.length) throw new RangeError('a text is longer than its page');
    return end;
  }
}

/** Texts by their lengths, and by how much each has in common with the one before it (DELTA_BYTE_ARRAY), to their codes. */
export class DeltaTexts implements PageValues {
  readonly #bytes: Uint8Array;
  readonly #words: WordsNow;
  readonly #prefixes: Int32Array | null;
  readonly #lengths: Int32Array;
  #at: number;
  #next = 0;
  #text = new Uint8Array(64);

  constructor(
    bytes: Uint8Array,
    at: number,
    prefixes: Int32Array | null,
    lengths: Int32Array,
    words: WordsNow,
  ) {
    this.#bytes = bytes;
    this.#at = at;
    this.#prefixes = prefixes;
    this.#lengths = lengths;
    this.#words = words;
  }

  read(out: Values, at: number, count: number): void {
    const words = this.#words();
    for (let i = 0; i < count; i++) {
      const length = this.#build();
      out[at + i] = words.code(this.#text, 0, length);
    }
  }

  skip(count: number): void {
    for (let i = 0; i < count; i++) this.#build();
  }

  /** Puts the next text together, and gives its length. */
  #build(): number {
    const place = this.#next++;
    if (place >= this.#lengths.length) throw new RangeError(missing);
    const suffix = this.#lengths[place]!;
    const prefix = this.#prefixes === null ? 0 : this.#prefixes[place]!;
    const before = place === 0 ? 0 : this.#length;
    const end = this.#at + suffix;
    if (!(prefix >= 0 && prefix <= before && suffix >= 0 && end <= this.#bytes.length))
      throw new RangeError('a text is longer than its page');
    const length = prefix + suffix;
    if (length > this.#text.length) {
      const larger = new Uint8Array(2 * length);
      larger.set(this.#text.subarray(0, prefix));
      this.#text = larger;
    }
    this.#text.set(this.#bytes.subarray(this.#at, end), prefix);
    this.#at = end;
    this.#length = length;
    return length;
  }

  #length = 0;
}
