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
    if (!(width >= 0 && width <= 32)) throw new RangeError(`values of ${width} bits`);
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

type Out = Int32Array | Uint8Array;

/** `count` values of `width` bits, the first at `bit` of the byte at `at`. */
function unpack(
  bytes: Uint8Array,
  at: number,
  bit: number,
  width: number,
  out: Out,
  from: number,
  count: number,
): void {
  // Up to here four bytes can be read for a value, and hold the whole of up to 25 bits.
  const safe = Math.min(count, Math.floor(((bytes.length - at - 4) * 8 - bit) / width) + 1);
  const whole = width > 25 ? 0 : Math.max(0, safe);
  if (width === 1 && bit === 0) unpackBits(bytes, at, out, from, whole);
  else if (width <= 9) unpackNarrow(bytes, at, bit, width, out, from, whole);
  else if (width <= 17) unpackMiddle(bytes, at, bit, width, out, from, whole);
  else unpackWide(bytes, at, bit, width, out, from, whole);
  for (let i = whole; i < count; i++) out[from + i] = valueAt(bytes, at, bit + i * width, width);
}

function unpackBits(bytes: Uint8Array, at: number, out: Out, from: number, count: number): void {
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    const byte = bytes[at + (i >>> 3)]!;
    out[from + i] = byte & 1;
    out[from + i + 1] = (byte >>> 1) & 1;
    out[from + i + 2] = (byte >>> 2) & 1;
    out[from + i + 3] = (byte >>> 3) & 1;
    out[from + i + 4] = (byte >>> 4) & 1;
    out[from + i + 5] = (byte >>> 5) & 1;
    out[from + i + 6] = (byte >>> 6) & 1;
    out[from + i + 7] = byte >>> 7;
  }
  for (; i < count; i++) out[from + i] = (bytes[at + (i >>> 3)]! >>> (i & 7)) & 1;
}

/** Up to 9 bits lie within two bytes. */
function unpackNarrow(
  bytes: Uint8Array,
  start: number,
  first: number,
  width: number,
  out: Out,
  from: number,
  count: number,
): void {
  const mask = (1 << width) - 1;
  for (let i = 0, bit = first; i < count; i++, bit += width) {
    const at = start + (bit >>> 3);
    out[from + i] = ((bytes[at]! | (bytes[at + 1]! << 8)) >>> (bit & 7)) & mask;
  }
}

/** Up to 17 bits lie within three bytes. */
function unpackMiddle(
  bytes: Uint8Array,
  start: number,
  first: number,
  width: number,
  out: Out,
  from: number,
  count: number,
): void {
  const mask = (1 << width) - 1;
  for (let i = 0, bit = first; i < count; i++, bit += width) {
    const at = start + (bit >>> 3);
    const three = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    out[from + i] = (three >>> (bit & 7)) & mask;
  }
}

function unpackWide(
  bytes: Uint8Array,
  start: number,
  first: number,
  width: number,
  out: Out,
  from: number,
  count: number,
): void {
  const mask = (1 << width) - 1;
  for (let i = 0, bit = first; i < count; i++, bit += width) {
    const at = start + (bit >>> 3);
    const four = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    out[from + i] = (four >>> (bit & 7)) & mask;
  }
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
