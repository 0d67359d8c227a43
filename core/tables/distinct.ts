/**
 * A sample of the different values of a column by their hashes (Flajolet 1990, "On adaptive sampling"): all of them while
 * there are at most 1024, from then on those whose hash begins with `zeros` zero bits. It depends on the values alone.
 */
export interface Distinct {
  readonly zeros: number;
  /** Of 53 bits, ascending. */
  readonly hashes: readonly number[];
}

const most = 1024;

export const noDistinct: Distinct = { zeros: 0, hashes: [] };

/** Of the numbers that are not NaN. */
export function distinctNumbers(numbers: Float64Array): Distinct {
  const sample = new Sample(0);
  for (let row = 0; row < numbers.length; row++) {
    const value = numbers[row]!;
    if (!Number.isNaN(value)) sample.add(value);
  }
  return sample.distinct();
}

export function mergeDistinct(a: Distinct, b: Distinct): Distinct {
  const sample = new Sample(Math.max(a.zeros, b.zeros));
  for (const { hashes } of [a, b]) for (const hash of hashes) sample.keep(hash);
  return sample.distinct();
}

/** How many different values there are: up to 1024 the number itself, beyond within about 5 % (one standard error). */
export const distinctCount = ({ zeros, hashes }: Distinct): number => hashes.length * 2 ** zeros;

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

class Sample {
  #zeros: number;
  #hashes = new Set<number>();
  #last = Number.NaN;

  constructor(zeros: number) {
    this.#zeros = zeros;
  }

  add(value: number): void {
    if (value === this.#last) return;
    this.#last = value;
    double[0] = value + 0; // -0 is 0.
    const first = mix(halves[0]! ^ Math.imul(halves[1]!, 0x9e3779b1));
    if (Math.clz32(first) < this.#zeros) return;
    const second = mix(halves[1]! ^ Math.imul(halves[0]!, 0x85ebca77));
    this.keep((first >>> 0) * 2 ** 21 + (second >>> 11));
  }

  keep(hash: number): void {
    if (leadingZeros(hash) < this.#zeros) return;
    this.#hashes.add(hash);
    while (this.#hashes.size > most) {
      this.#zeros++;
      for (const held of this.#hashes) if (leadingZeros(held) < this.#zeros) this.#hashes.delete(held);
    }
  }

  distinct(): Distinct {
    return { zeros: this.#zeros, hashes: [...this.#hashes].sort((a, b) => a - b) };
  }
}

const leadingZeros = (hash: number): number => Math.clz32(Math.floor(hash / 2 ** 21));

/** MurmurHash3's finalizer. */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
