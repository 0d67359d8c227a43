import type { Domain } from '../allowed.ts';
import type { Process } from './gaussian-process.ts';
import { logImprovement } from './log-ei.ts';
import { type Layout, paramsAt } from './places.ts';

/** What a place promises, and in `slope` how that changes along its numbers. */
export type Gain = (place: Float64Array, slope?: Float64Array) => number;

/**
 * The logarithm of the expected improvement on `best`, less where one more noisy value would tell little (the augmented expected
 * improvement of Huang et al., "Global Optimization of Stochastic Black-Box Systems via Sequential Kriging Meta-Models", Journal of
 * Global Optimization 34, 2006), and its slope along the numbers. Without noise it is the expected improvement.
 */
export const improvement = (process: Process, best: number, noise: number): Gain => {
  const root = Math.sqrt(noise);
  return (place, slope) => {
    const { mean, variance, meanSlope, varianceSlope } = process.at(place);
    const deviation = Math.sqrt(variance);
    const { log, cdf, pdf } = logImprovement((best - mean) / deviation);
    // 1 − √(noise / (variance + noise)), without the loss of digits.
    const all = Math.sqrt(variance + noise);
    if (slope) {
      const byVariance =
        (0.5 * pdf) / variance + 1 / variance - 0.5 / (all * all) - 0.5 / (all * (all + root));
      for (let k = 0; k < meanSlope.length; k++)
        slope[k] = (-cdf * meanSlope[k]!) / deviation + byVariance * varianceSlope[k]!;
    }
    return log + Math.log(deviation) + Math.log(variance / (all * (all + root)));
  };
};

/** The gain, of a place that is not allowed none at all: a climb along the slope may pass through, and does not end there. */
export const within =
  ({ allowed }: Domain, layout: Layout, gain: Gain): Gain =>
  (place, slope) =>
    allowed && !slope && !allowed(paramsAt(layout, place)) ? -Infinity : gain(place, slope);
