/** An unevaluated sum of two doubles, about 106 bits: [high, low] (Dekker 1971). JSON-serialisable. */
export type DoubleDouble = readonly [number, number];

export function normal(high: number, low: number): DoubleDouble {
  const total = high + low;
  return [total, low - (total - high)];
}

export function add(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const total = a[0] + b[0];
  const part = total - a[0];
  const error = a[0] - (total - part) + (b[0] - part);
  return normal(total, error + a[1] + b[1]);
}

export function multiply(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const product = a[0] * b[0];
  return normal(product, productError(a[0], b[0], product) + a[0] * b[1] + a[1] * b[0]);
}

export function divide(a: DoubleDouble, by: DoubleDouble): DoubleDouble {
  const first = a[0] / by[0];
  const rest = add(a, multiply([-first, 0], by));
  return normal(first, (rest[0] + rest[1]) / by[0]);
}

/** What a product of two doubles lacks of the exact one; halves of 26 bits have exact products. */
export function productError(a: number, b: number, product: number): number {
  const [aHead, aTail] = split(a);
  const [bHead, bTail] = split(b);
  return aHead * bHead - product + aHead * bTail + aTail * bHead + aTail * bTail;
}

function split(value: number): readonly [number, number] {
  const big = value * 134_217_729;
  const head = big - (big - value);
  return [head, value - head];
}
