const [above, below] = [
  [
    3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871,
    221.213596169931, 220.206867912376,
  ],
  [
    8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674,
    637.333633378831, 793.826512519948, 440.413735824752,
  ],
] as const;

/**
 * The standard normal distribution's mass below `z`, to about 1e-15, far below 0 as well: J. F. Hart et al., "Computer
 * Approximations", 1968, as G. West has it in "Better Approximations to Cumulative Normal Functions", Wilmott Magazine, 2005.
 */
export function normalCdf(z: number): number {
  const far = Math.abs(z);
  const fall = Math.exp(-0.5 * z * z);
  const tail =
    far < 7.07106781186547
      ? (fall * polynomial(above, far)) / polynomial(below, far)
      : fall / (far + 1 / (far + 2 / (far + 3 / (far + 4 / (far + 0.65))))) / 2.506628274631;
  return z > 0 ? 1 - tail : tail;
}

function polynomial(coefficients: readonly number[], at: number): number {
  let sum = 0;
  for (let k = 0; k < coefficients.length; k++) sum = sum * at + coefficients[k]!;
  return sum;
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
