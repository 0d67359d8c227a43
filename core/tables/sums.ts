import { add, type DoubleDouble, divide, multiply, normal } from '../double-double.ts';

/**
 * Sums of numbers and of their squares in double-double arithmetic (Dekker 1971), so that after rounding the outcome
 * does not depend on the order in which batches and shards were added.
 */
export interface Sums {
  readonly sum: DoubleDouble;
  readonly squares: DoubleDouble;
}

export const noSums: Sums = { sum: [0, 0], squares: [0, 0] };

/** Sums over the finite ones of the numbers. */
export function sumsOf(numbers: Float64Array): Sums {
  let high = 0;
  let low = 0;
  let squareHigh = 0;
  let squareLow = 0;
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]!;
    if (!(Math.abs(value) < Infinity)) continue;
    const total = high + value;
    const part = total - high;
    low += high - (total - part) + (value - part);
    high = total;
    const square = value * value;
    // Dekker's split: two halves of 26 bits, whose products are exact.
    const big = value * 134_217_729;
    const head = big - (big - value);
    const tail = value - head;
    const squareTotal = squareHigh + square;
    const squarePart = squareTotal - squareHigh;
    squareLow += squareHigh - (squareTotal - squarePart) + (square - squarePart);
    squareLow += head * head - square + 2 * head * tail + tail * tail;
    squareHigh = squareTotal;
  }
  return { sum: normal(high, low), squares: normal(squareHigh, squareLow) };
}

export const addSums = (a: Sums, b: Sums): Sums => ({
  sum: add(a.sum, b.sum),
  squares: add(a.squares, b.squares),
});

/** NaN for no numbers, and where their sum is beyond what a double holds. */
export const meanOf = ({ sum }: Sums, count: number): number =>
  count === 0 || !isHeld(sum) ? NaN : (sum[0] + sum[1]) / count;

/** Of the sample (n - 1); NaN for fewer than two numbers, and for some beyond 1e154, whose squares no double holds. */
export function varianceOf({ sum, squares }: Sums, count: number): number {
  if (count < 2 || !isHeld(sum) || !isHeld(squares)) return NaN;
  const product = multiply(sum, sum);
  const square = divide(product, [count, 0]);
  const centred = add(squares, [-square[0], -square[1]]);
  return Math.max(0, (centred[0] + centred[1]) / (count - 1));
}

/** What is infinite or NaN comes out of JSON as null. */
const isHeld = ([high, low]: DoubleDouble): boolean => Number.isFinite(high) && Number.isFinite(low);
