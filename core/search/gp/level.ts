/**
 * Losses as a Gaussian process likes them: of mean 0 and variance 1, and without the few that are far worse than the rest
 * hiding what lies between the best. `log(loss − least + share of the range)` for the share by which the process explains
 * them best, or as they are.
 */
export interface Level {
  readonly values: Float64Array;
  /** The logarithm of the derivative of values by losses, summed, but for a constant: for comparing levels by their evidence. */
  readonly stretch: number;
}

/** Infinity: as they are. */
export const shares = [Infinity, 1, 0.1, 0.01] as const;

export function levelled(losses: readonly number[], share: number): Level {
  const parts = partsOf(losses);
  const bent = share === Infinity ? parts : parts.map((part) => Math.log(part + share));
  const mean = sumOf(bent) / bent.length;
  const variance = sumOf(bent.map((value) => (value - mean) ** 2)) / bent.length;
  const deviation = Math.sqrt(variance) || 1;
  return {
    values: Float64Array.from(bent, (value) => (value - mean) / deviation),
    stretch: (share === Infinity ? 0 : -sumOf(bent)) - losses.length * Math.log(deviation),
  };
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** So many times farther from the least than the best quarter is, one loss is as bad as another. */
const farthest = 1000;

/** From 0 for the least to 1 for the worst, of which those that are beyond all measure are some. */
function partsOf(losses: readonly number[]): readonly number[] {
  const sorted = losses.toSorted((a, b) => a - b);
  const least = sorted[0]!;
  // Halves, since the difference of two numbers may not be one.
  const above = losses.map((loss) => loss / 2 - least / 2);
  const quarter = sorted[Math.floor(sorted.length / 4)]! / 2 - least / 2;
  const worst = sorted.at(-1)! / 2 - least / 2;
  const range = Math.min(worst, quarter > 0 ? farthest * quarter : worst) || 1;
  return above.map((part) => Math.min(1, part / range));
}
