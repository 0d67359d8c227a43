import { type DoubleDouble, normal, productError } from '../double-double.ts';

/**
 * Sums in double-double arithmetic: what they come to, as doubles, does not depend on the order of the rows nor on how they
 * were divided, unless terms of both signs cancel to less than 2^-50 of their size.
 */
export class WideSums {
  readonly highs: Float64Array;
  readonly lows: Float64Array;

  constructor(count: number, highs = new Float64Array(count), lows = new Float64Array(count)) {
    this.highs = highs;
    this.lows = lows;
  }

  add(at: number, value: number): void {
    const high = this.highs[at]!;
    const total = high + value;
    const part = total - high;
    this.lows[at]! += high - (total - part) + (value - part);
    this.highs[at] = total;
  }

  /** a × b, exactly. */
  addProduct(at: number, a: number, b: number): void {
    const product = a * b;
    this.add(at, product);
    this.lows[at]! += productError(a, b, product);
  }

  addAll(other: WideSums): void {
    for (let at = 0; at < this.highs.length; at++) {
      this.add(at, other.highs[at]!);
      this.lows[at]! += other.lows[at]!;
    }
  }

  wide(at: number): DoubleDouble {
    return normal(this.highs[at]!, this.lows[at]!);
  }

  value(at: number): number {
    return this.highs[at]! + this.lows[at]!;
  }

  copy(): WideSums {
    return new WideSums(this.highs.length, this.highs.slice(), this.lows.slice());
  }
}
