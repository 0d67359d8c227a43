/**
 * How often each value occurs, exactly while there are at most 2048 different ones; from then on values are told apart
 * by their first `bits` binary digits only, as many as keep it at 2048. So a quantile is off by at most a factor of
 * 2^-bits, and what a sketch holds depends on the values alone: neither on their order nor on how they were batched.
 */
export interface Sketch {
  /** Digits of the fraction that are kept, 52 to 0; exact at 52. */
  readonly bits: number;
  /** Ascending: the end of each bucket that is nearer to zero. */
  readonly values: readonly number[];
  readonly counts: readonly number[];
}

const maxBuckets = 2048;
/** Where every value is told apart from every other. */
export const exactBits = 52;

export const emptySketch: Sketch = { bits: exactBits, values: [], counts: [] };

/** Of the finite ones of the numbers. */
export function sketchOf(numbers: Float64Array): Sketch {
  if (numbers.length <= maxBuckets) return exactSketch(numbers);
  const buckets = new Buckets(numbers.length);
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]!;
    if (Math.abs(value) < Infinity) buckets.add(value, 1);
  }
  return buckets.sketch();
}

/** Of so few numbers that each may differ. */
function exactSketch(numbers: Float64Array): Sketch {
  const values: number[] = [];
  const counts: number[] = [];
  for (const value of numbers.slice().sort()) {
    if (!(Math.abs(value) < Infinity)) continue;
    // -0 is 0.
    if (value === values.at(-1)) counts[counts.length - 1]!++;
    else counts[values.push(value + 0) - 1] = 1;
  }
  return { bits: exactBits, values, counts };
}

export function mergeSketches(a: Sketch, b: Sketch): Sketch {
  const merged = a.bits === b.bits ? inOrder(a, b) : undefined;
  if (merged && merged.values.length <= maxBuckets) return merged;
  const buckets = new Buckets(a.values.length + b.values.length, Math.min(a.bits, b.bits));
  for (const { values, counts } of [a, b]) {
    for (const [i, value] of values.entries()) buckets.add(value, counts[i]!);
  }
  return buckets.sketch();
}

/** The buckets of two sketches that tell values apart alike. */
function inOrder(a: Sketch, b: Sketch): Sketch {
  const values: number[] = [];
  const counts: number[] = [];
  for (let i = 0, j = 0; i < a.values.length || j < b.values.length; ) {
    const left = a.values[i] ?? Infinity;
    const right = b.values[j] ?? Infinity;
    values.push(Math.min(left, right));
    counts.push((left <= right ? a.counts[i++]! : 0) + (right <= left ? b.counts[j++]! : 0));
  }
  return { bits: a.bits, values, counts };
}

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

/** What stands for a number's bucket in `Sketch.values` of so many bits. */
export function bucketOf(value: number, bits: number): number {
  double[0] = value + 0; // -0 is 0.
  halves[0]! &= lowMaskOf(bits);
  halves[1]! &= highMaskOf(bits);
  return double[0] + 0;
}

/**
 * The value that a share `q` (0 to 1) of the numbers does not exceed: where the sketch is exact, the smallest such
 * number (`inverted_cdf` of numpy); otherwise in proportion within its bucket. NaN for no numbers.
 */
export function quantileOf(sketch: Sketch, q: number): number {
  const total = sketch.counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return NaN;
  const rank = Math.min(total, Math.max(1, Math.ceil(q * total)));
  let before = 0;
  for (const [i, count] of sketch.counts.entries()) {
    if (before + count < rank) {
      before += count;
      continue;
    }
    return within(sketch.values[i]!, (rank - before - 0.5) / count, sketch.bits);
  }
  return sketch.values.at(-1)!;
}

function within(value: number, share: number, bits: number): number {
  if (bits === exactBits || value === 0) return value;
  const width = 2 ** (Math.floor(Math.log2(Math.abs(value))) - bits);
  return value > 0 ? value + share * width : value - (1 - share) * width;
}

/** Open addressing by the two halves of a double, which is several times quicker than a Map of numbers. */
class Buckets {
  #bits: number;
  #count = 0;
  #highs: Int32Array;
  #lows: Int32Array;
  #counts: Float64Array;
  #lowMask = 0;
  #highMask = 0;
  readonly #double = new Float64Array(1);
  readonly #halves = new Int32Array(this.#double.buffer);

  /** `most`: how many different values there may be; a quarter of the slots is taken at most. */
  constructor(most: number, bits = exactBits) {
    const slots = 4 * 2 ** Math.ceil(Math.log2(Math.min(maxBuckets, Math.max(4, most))));
    this.#highs = new Int32Array(slots);
    this.#lows = new Int32Array(slots);
    this.#counts = new Float64Array(slots);
    this.#bits = bits;
    this.#setMasks();
  }

  add(value: number, count: number): void {
    this.#double[0] = value + 0; // -0 is 0.
    this.#put(this.#halves[1]! & this.#highMask, this.#halves[0]! & this.#lowMask, count);
    while (this.#count > maxBuckets) this.#coarsen();
  }

  sketch(): Sketch {
    const found: (readonly [number, number])[] = [];
    for (let slot = 0; slot < this.#counts.length; slot++) {
      if (this.#counts[slot] === 0) continue;
      this.#halves[0] = this.#lows[slot]!;
      this.#halves[1] = this.#highs[slot]!;
      found.push([this.#double[0]! + 0, this.#counts[slot]!]);
    }
    found.sort((a, b) => a[0] - b[0]);
    return {
      bits: this.#bits,
      values: found.map(([value]) => value),
      counts: found.map(([, count]) => count),
    };
  }

  #put(high: number, low: number, count: number): void {
    const mask = this.#counts.length - 1;
    let hash = Math.imul(high, 0x9e3779b1) ^ Math.imul(low, 0x85ebca6b);
    hash ^= hash >>> 15;
    let slot = hash & mask;
    while (this.#counts[slot] !== 0 && (this.#highs[slot] !== high || this.#lows[slot] !== low))
      slot = (slot + 1) & mask;
    if (this.#counts[slot] === 0) {
      this.#highs[slot] = high;
      this.#lows[slot] = low;
      this.#count++;
    }
    this.#counts[slot]! += count;
  }

  #coarsen(): void {
    const [highs, lows, counts] = [this.#highs, this.#lows, this.#counts];
    this.#bits--;
    this.#setMasks();
    this.#count = 0;
    this.#highs = new Int32Array(highs.length);
    this.#lows = new Int32Array(lows.length);
    this.#counts = new Float64Array(counts.length);
    for (let slot = 0; slot < counts.length; slot++) {
      if (counts[slot] !== 0)
        this.#put(highs[slot]! & this.#highMask, lows[slot]! & this.#lowMask, counts[slot]!);
    }
  }

  #setMasks(): void {
    this.#lowMask = lowMaskOf(this.#bits);
    this.#highMask = highMaskOf(this.#bits);
  }
}

/** A double has 20 digits of its fraction in the high half, and 32 in the low one. */
const lowMaskOf = (bits: number): number => (bits > 20 ? -1 << (exactBits - bits) : 0);
const highMaskOf = (bits: number): number => (bits >= 20 ? -1 : -1 << (20 - bits));
