/** Half of what is believed of a noise's logarithm: that there is none to speak of. */
const none = { mean: -13, deviation: 2 };
/** The other half: that there is. */
const some = { mean: -4, deviation: 2 };

/**
 * The logarithm of the prior of a noise's logarithm, but for a constant, and its slope. Two normals: one that is wide enough for both
 * would take for noise what makes a smooth function's last digits.
 */
export function noisePrior(theta: number): { readonly log: number; readonly slope: number } {
  const [without, within] = [densityAt(theta, none), densityAt(theta, some)];
  const real = within / (without + within);
  return {
    log: Math.log(without + within),
    slope: -(1 - real) * pullOf(theta, none) - real * pullOf(theta, some),
  };
}

/** So much of a noise is to be heeded as it is likely that there is any. */
export function realPartOf(noise: number): number {
  const theta = Math.log(noise);
  const [without, within] = [densityAt(theta, none), densityAt(theta, some)];
  return (noise * within) / (without + within);
}

/** Where a fit begins, between the two. */
export const firstNoise = -9;

interface Normal {
  readonly mean: number;
  readonly deviation: number;
}

const densityAt = (theta: number, { mean, deviation }: Normal): number =>
  Math.exp(-0.5 * ((theta - mean) / deviation) ** 2) / deviation;

const pullOf = (theta: number, { mean, deviation }: Normal): number => (theta - mean) / deviation ** 2;
