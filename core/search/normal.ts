/**
 * The standard normal distribution's mass below `z`, to about 1e-15.
 * G. Marsaglia, "Evaluating the Normal Distribution", Journal of Statistical Software 11(4), 2004.
 */
export function normalCdf(z: number): number {
  if (z < -8) return 0;
  if (z > 8) return 1;
  let sum = z;
  let before = 0;
  let term = z;
  for (let odd = 3; sum !== before; odd += 2) {
    before = sum;
    term *= (z * z) / odd;
    sum += term;
  }
  return 0.5 + sum * Math.exp(-0.5 * z * z - halfLogTwoPi);
}

export const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI);

/** A draw from the standard normal distribution (Box and Muller, 1958); `next` gives numbers in [0, 1). */
export const normalDraw = (next: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

/** A draw from the normal distribution around `mean`, which lies in [low, high], cut off at both; `next` gives numbers in [0, 1). */
export function truncatedNormal(
  { mean, deviation, low, high }: Record<'mean' | 'deviation' | 'low' | 'high', number>,
  next: () => number,
): number {
  for (;;) {
    // With a deviation of at most high - low, one draw in three lies within or more.
    const drawn = mean + deviation * normalDraw(next);
    if (drawn >= low && drawn <= high) return drawn;
  }
}
