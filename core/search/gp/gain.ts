import type { Domain } from '../allowed.ts';
import type { Process } from './gaussian-process.ts';
import { logImprovement } from './log-ei.ts';
import { type Layout, paramsAt } from './places.ts';

/** What a place promises, and in `slope` how that changes along its numbers. */
export type Gain = (place: Float64Array, slope?: Float64Array) => number;

/** The logarithm of the expected improvement on `best`, and its slope along the numbers. */
export const improvement =
  (process: Process, best: number): Gain =>
  (place, slope) => {
    const { mean, variance, meanSlope, varianceSlope } = process.at(place);
    const deviation = Math.sqrt(variance);
    const { log, cdf, pdf } = logImprovement((best - mean) / deviation);
    if (slope) {
      for (let k = 0; k < meanSlope.length; k++)
        slope[k] = (-cdf * meanSlope[k]! + (pdf * 0.5 * varianceSlope[k]!) / deviation) / deviation;
    }
    return log + Math.log(deviation);
  };

/** The gain, of a place that is not allowed none at all: a climb along the slope may pass through, and does not end there. */
export const within =
  ({ allowed }: Domain, layout: Layout, gain: Gain): Gain =>
  (place, slope) =>
    allowed && !slope && !allowed(paramsAt(layout, place)) ? -Infinity : gain(place, slope);
