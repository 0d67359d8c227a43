const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The least float32 above one; NaN above infinity. */
export function nextUp(value: number): number {
  float[0] = value;
  // Minus zero's successor is zero's.
  if (float[0] === 0) bits[0] = 1;
  else bits[0]! += value < 0 ? -1 : 1;
  return float[0]!;
}

/** The greatest float32 below one; NaN below minus infinity. */
export const nextDown = (value: number): number => -nextUp(-value);
