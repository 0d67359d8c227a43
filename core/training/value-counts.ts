/**
 * How often each float32 value occurs, in bounded memory: exact up to `limit` distinct values, beyond that by buckets of
 * neighbouring floats (a float's last `shift` bits are dropped, so that a bucket is at most 2^(shift − 23) of its value
 * wide). The shift is the smallest with which the values fit, so that the result depends on the values alone: not on
 * their order, nor on how they were divided before `merge`. NaN is counted apart; −0 counts as 0.
 */
export class ValueCounts {
  readonly limit: number;
  missing = 0;
  #shift = 0;
  #size = 0;
  readonly #unusedBits: number;
  #keys: Uint32Array<ArrayBuffer>;
  #counts: Float64Array<ArrayBuffer>;

  constructor(limit = 65_536) {
    this.limit = limit;
    const bits = Math.ceil(Math.log2(limit * 2 + 2));
    this.#unusedBits = 32 - bits;
    this.#keys = new Uint32Array(2 ** bits);
    this.#counts = new Float64Array(2 ** bits);
  }

  add(values: Float32Array): void {
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    for (let i = 0; i < bits.length; i++) {
      const word = bits[i]!;
      if ((word & 0x7fff_ffff) > 0x7f80_0000) this.missing++;
      else this.#count(sortable(word) >>> this.#shift, 1);
    }
  }

  merge(other: ValueCounts): void {
    while (this.#shift < other.#shift) this.#coarsen();
    this.missing += other.missing;
    for (let slot = 0; slot < other.#keys.length; slot++) {
      const count = other.#counts[slot]!;
      if (count > 0) this.#count(other.#keys[slot]! >>> (this.#shift - other.#shift), count);
    }
  }

  /** The buckets in ascending order; `low` and `high` are the least and greatest float32 of a bucket, equal where it is exact. */
  buckets(): readonly Bucket[] {
    const slots = [...this.#counts.keys()].filter((slot) => this.#counts[slot]! > 0);
    const width = 2 ** this.#shift;
    return slots
      .sort((a, b) => this.#keys[a]! - this.#keys[b]!)
      .map((slot) => {
        const first = this.#keys[slot]! * width;
        return { low: unsortable(first), high: unsortable(first + width - 1), count: this.#counts[slot]! };
      });
  }

  #count(key: number, count: number): void {
    const mask = this.#keys.length - 1;
    let slot = Math.imul(key, 0x9e37_79b1) >>> this.#unusedBits;
    while (this.#counts[slot]! > 0 && this.#keys[slot] !== key) slot = (slot + 1) & mask;
    if (this.#counts[slot] === 0) {
      if (this.#size === this.limit) {
        this.#coarsen();
        // The caller's key was cut with the old shift.
        this.#count(key >>> 1, count);
        return;
      }
      this.#keys[slot] = key;
      this.#size++;
    }
    this.#counts[slot]! += count;
  }

  #coarsen(): void {
    const keys = this.#keys;
    const counts = this.#counts;
    this.#keys = new Uint32Array(keys.length);
    this.#counts = new Float64Array(keys.length);
    this.#size = 0;
    this.#shift++;
    for (let slot = 0; slot < keys.length; slot++) {
      if (counts[slot]! > 0) this.#count(keys[slot]! >>> 1, counts[slot]!);
    }
  }
}

export interface Bucket {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** A float's bits as an unsigned number that sorts like the float. */
function sortable(word: number): number {
  if (word === 0x8000_0000) return 0x8000_0000;
  return (word & 0x8000_0000 ? ~word : word | 0x8000_0000) >>> 0;
}

const view = new DataView(new ArrayBuffer(4));

function unsortable(key: number): number {
  view.setUint32(0, key & 0x8000_0000 ? key ^ 0x8000_0000 : ~key);
  return view.getFloat32(0);
}
