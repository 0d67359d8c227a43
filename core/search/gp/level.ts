/**
 * Losses as a Gaussian process likes them: of mean 0 and variance 1, and without the few that are far worse than the rest
 * hiding what lies between the best. `log(loss − least + share of the range)` for the share by which the process explains
 * them best, or as they are.
 */
export interface Level {
  readonly values: Float64Array;
  /** The logarithm of the derivative of values by losses, summed: for comparing levels by their evidence. */
  readonly stretch: number;
}

/** Infinity: as they are. */
export const shares = [Infinity, 1, 0.1, 0.01] as const;

export function levelled(losses: readonly number[], share: number): Level {
  const least = Math.min(...losses);
  const range = Math.max(...losses) - least || 1;
  const shift = share * range;
  const bent = losses.map((loss) => (share === Infinity ? loss : Math.log(loss - least + shift)));
  const mean = bent.reduce((sum, value) => sum + value, 0) / bent.length;
  const variance = bent.reduce((sum, value) => sum + (value - mean) ** 2, 0) / bent.length;
  const deviation = Math.sqrt(variance) || 1;
  const slopes = losses.map((loss) => (share === Infinity ? 0 : -Math.log(loss - least + shift)));
  return {
    values: Float64Array.from(bent, (value) => (value - mean) / deviation),
    stretch: slopes.reduce((sum, value) => sum + value, 0) - losses.length * Math.log(deviation),
  };
}
