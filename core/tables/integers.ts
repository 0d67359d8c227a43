/**
 * 64-bit integers in typed arrays, without a BigInt a value: those are allocated one by one. Each is taken as two halves
 * of 32 bits, low first, as every platform that runs this stores them.
 */

const halvesOf = (values: BigInt64Array): Int32Array =>
  new Int32Array(values.buffer, values.byteOffset, 2 * values.length);

/** The nearest doubles. */
export function numbersOf64(values: BigInt64Array): Float64Array<ArrayBuffer> {
  const halves = halvesOf(values);
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < numbers.length; i++) numbers[i] = halves[2 * i + 1]! * 2 ** 32 + (halves[2 * i]! >>> 0);
  return numbers;
}

/** The integers at or below the numbers, which a double holds exactly. */
export function integersOf(numbers: ArrayLike<number>): BigInt64Array<ArrayBuffer> {
  const values = new BigInt64Array(numbers.length);
  const halves = halvesOf(values);
  for (let i = 0; i < values.length; i++) putSafeInteger(Math.floor(numbers[i]!), halves, i);
  return values;
}

/** Writes an integer that a double holds exactly at `2 * row`. */
export function putSafeInteger(value: number, halves: Int32Array, row: number): void {
  halves[2 * row] = value | 0;
  halves[2 * row + 1] = Math.floor(value / 2 ** 32);
}

/** Times of `ticks` a millisecond as whole milliseconds, cut off towards the past; every step is exact in doubles. */
export function millisOf(values: BigInt64Array, ticks: number): Float64Array<ArrayBuffer> {
  const halves = halvesOf(values);
  const quotient = Math.floor(2 ** 32 / ticks);
  const rest = 2 ** 32 % ticks;
  const millis = new Float64Array(values.length);
  for (let i = 0; i < millis.length; i++) {
    const high = halves[2 * i + 1]!;
    millis[i] = high * quotient + Math.floor((high * rest + (halves[2 * i]! >>> 0)) / ticks);
  }
  return millis;
}
