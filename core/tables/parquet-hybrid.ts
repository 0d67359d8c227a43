/**
 * Parquet's mix of runs and bit-packed groups (RLE/bit-packing hybrid, Encodings.md), `width` bits a value, handed out in
 * pieces: nothing is unpacked that is not asked for. `RangeError` where more is asked for than there is.
 */
export class HybridReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #width: number;
  /** Where the next run begins. */
  #at: number;
  #run = 0;
  #value = 0;
  /** Packed values left, and where the next one stands. */
  #packed = 0;
  #packedAt = 0;
  #packedBit = 0;

  constructor(bytes: Uint8Array, at: number, end: number, width: number) {
    if (end > bytes.length) throw new RangeError('a page is shorter than what it holds');
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    this.#width = width;
    if (width === 0) this.#run = Number.POSITIVE_INFINITY;
  }

  /** Values of one bit each, packed without runs: booleans in PLAIN encoding. */
  static bits(bytes: Uint8Array, at: number): HybridReader {
    const reader = new HybridReader(bytes, bytes.length, bytes.length, 1);
    reader.#packedAt = at;
    reader.#packed = 8 * (bytes.length - at);
    return reader;
  }

  read(out: Int32Array | Uint8Array, from: number, count: number): void {
    for (let at = from; at < from + count; ) {
      const next = Math.min(this.#left(), from + count - at);
      if (this.#run > 0) out.fill(this.#value, at, at + next);
      else unpack(this.#bytes, this.#packedAt, this.#packedBit, this.#width, out, at, next);
      this.#pass(next);
      at += next;
    }
  }

  skip(count: number): void {
    for (let left = count; left > 0; ) {
      const next = Math.min(this.#left(), left);
      this.#pass(next);
      left -= next;
    }
  }

  /** Whether the next `count` are of one run of that value. */
  isNext(value: number, count: number): boolean {
    return count === 0 || (this.#left() >= count && this.#run > 0 && this.#value === value);
  }

  /** How many values of the run are left; the next run is opened where none is. */
  #left(): number {
    if (this.#run > 0) return this.#run;
    if (this.#packed > 0) return this.#packed;
    // A page of missing values alone may say what it will. No number of 32 bits is a code.
    if (this.#width > 31) throw new RangeError(`values of ${this.#width} bits`);
    const header = this.#header();
    const count = header >>> 1;
    if (count === 0) throw new RangeError('a run of no values');
    if ((header & 1) === 0) {
      this.#run = count;
      this.#value = this.#padded();
      return count;
    }
    this.#packedAt = this.#at;
    this.#packedBit = 0;
    // The last group may be cut short by the end of the page.
    this.#packed = Math.min(count * 8, Math.floor(((this.#end - this.#at) * 8) / this.#width));
    this.#at = Math.min(this.#at + count * this.#width, this.#end);
    if (this.#packed === 0) throw new RangeError('it has fewer values than it promises');
    return this.#packed;
  }

  #pass(count: number): void {
    if (this.#run > 0) {
      this.#run -= count;
      return;
    }
    this.#packed -= count;
    const bits = this.#packedBit + count * this.#width;
    this.#packedAt += Math.floor(bits / 8);
    this.#packedBit = bits % 8;
  }

  #header(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
    throw new RangeError('a number that does not end');
  }

  #padded(): number {
    let value = 0;
    for (let shift = 0; shift < this.#width; shift += 8) value |= this.#byte() << shift;
    return value;
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new RangeError('it has fewer values than it promises');
    return this.#bytes[this.#at++]!;
  }
}

/** `count` values of `width` bits, the first at `bit` of the byte at `at`. */
function unpack(
  bytes: Uint8Array,
  at: number,
  bit: number,
  width: number,
  out: Int32Array | Uint8Array,
  from: number,
  count: number,
): void {
  let done = 0;
  if (out instanceof Uint8Array) {
    if (width === 1 && bit === 0 && (out.byteOffset + from) % 4 === 0)
      done = unpackBits(bytes, at, out, from, count);
  } else done = unpackWords(bytes, at, bit, width, out, from, count);
  for (; done < count; done++) out[from + done] = valueAt(bytes, at, bit + done * width, width);
}

/** What a byte's eight bits are as bytes: four in each, the lowest bit in the lowest byte, as every platform stores them. */
const lowBits = new Int32Array(256);
const highBits = new Int32Array(256);
for (let byte = 0; byte < 256; byte++) {
  for (let bit = 0; bit < 4; bit++) {
    lowBits[byte]! |= ((byte >>> bit) & 1) << (8 * bit);
    highBits[byte]! |= ((byte >>> (bit + 4)) & 1) << (8 * bit);
  }
}

/** Eight bits at a time; how many it came to. */
function unpackBits(bytes: Uint8Array, at: number, out: Uint8Array, from: number, count: number): number {
  const groups = Math.min(count >>> 3, bytes.length - at);
  const fours = new Int32Array(out.buffer, out.byteOffset + from, 2 * groups);
  for (let i = 0; i < groups; i++) {
    const byte = bytes[at + i]!;
    fours[2 * i] = lowBits[byte]!;
    fours[2 * i + 1] = highBits[byte]!;
  }
  return 8 * groups;
}

/** By the aligned words of 32 bits that the bytes lie in, a value within two of them; how many it came to. */
function unpackWords(
  bytes: Uint8Array,
  at: number,
  bit: number,
  width: number,
  out: Int32Array,
  from: number,
  count: number,
): number {
  const start = (bytes.byteOffset + at) & ~3;
  const words = new Int32Array(bytes.buffer, start, (bytes.buffer.byteLength - start) >>> 2);
  const mask = 2 ** width - 1;
  let place = ((bytes.byteOffset + at) & 3) * 8 + bit;
  const most = Math.min(count, Math.floor(((words.length - 2) * 32 - place) / width) + 1);
  for (let i = 0; i < most; i++, place += width) {
    const word = place >>> 5;
    const shift = place & 31;
    // A shift by 32 bits is none: it goes in two steps.
    out[from + i] = ((words[word]! >>> shift) | ((words[word + 1]! << 1) << (31 - shift))) & mask;
  }
  return Math.max(0, most);
}

function valueAt(bytes: Uint8Array, start: number, bit: number, width: number): number {
  let value = 0;
  for (let i = 0; i < width; i++) {
    const place = bit + i;
    const byte = bytes[start + Math.floor(place / 8)] ?? 0;
    value |= ((byte >>> (place & 7)) & 1) << i;
  }
  return value;
}
