import { factorOf, inverseBy, type Matrix, solveBy } from './cholesky.ts';
import { minimise, type Smooth } from './minimise.ts';
import { firstNoise, noisePrior } from './noise.ts';

/** Where trials lie: of each, `numbers` places in [0, 1], then codes of which only equality counts. Row by row. */
export interface Places {
  readonly rows: Float64Array;
  readonly count: number;
  readonly width: number;
  /** So many of the columns are numbers; the others are codes. */
  readonly numbers: number;
}

/** What is learnt of a kernel: of each column how fast it changes (1 / length²), how far values spread, and noise. */
export interface Hyper {
  readonly inverse: Float64Array;
  readonly scale: number;
  readonly noise: number;
}

const leastNoise = 1e-8;
/** The logarithms' priors, normal each. Lengths grow with the root of the columns, as distances do (Hvarfner, Hellsten and Nardi, ICML 2024). */
const priors = {
  length: (width: number) => ({ mean: Math.log(0.5) + 0.5 * Math.log(width), deviation: 1.2 }),
  scale: { mean: 0, deviation: 0.7 },
};

const rootFive = Math.sqrt(5);

/** The squared difference of two trials in each column: 0 or 1 for codes. Pair after pair, i > j. */
export function differencesOf({ rows, count, width, numbers }: Places): Float64Array {
  const all = new Float64Array(((count * (count - 1)) / 2) * width);
  let at = 0;
  for (let i = 1; i < count; i++) {
    for (let j = 0; j < i; j++) {
      for (let k = 0; k < width; k++) {
        const difference = rows[i * width + k]! - rows[j * width + k]!;
        all[at++] = k < numbers ? difference * difference : Number(difference !== 0);
      }
    }
  }
  return all;
}

/** How far a fit has come: the logarithms of the hyperparameters, and of their posterior. */
export interface Fit {
  readonly theta: Float64Array;
  readonly evidence: number;
}

/** From where a fit is begun: from the priors' middle alone it may take all for noise that shorter lengths would explain. */
export function startsOf(width: number): readonly Float64Array[] {
  const length = priors.length(width);
  return [0, 1].map((by) => {
    const start = new Float64Array(width + 2).fill(-2 * (length.mean - by * length.deviation));
    start[width] = priors.scale.mean;
    start[width + 1] = firstNoise;
    return start;
  });
}

/** The hyperparameters of the greatest posterior near `start`; `of` is `implausibility`. */
export function fitFrom(of: Smooth, start: Float64Array, steps: number): Fit {
  const width = start.length - 2;
  const low = new Float64Array(width + 2).fill(Math.log(1e-5));
  const high = new Float64Array(width + 2).fill(Math.log(1e4));
  [low[width], high[width]] = [Math.log(1e-2), Math.log(1e2)];
  [low[width + 1], high[width + 1]] = [Math.log(leastNoise), 0];
  const { x, value } = minimise(of, start, { low, high }, steps);
  return { theta: x, evidence: -value };
}

export const hyperOf = (theta: Float64Array, width = theta.length - 2): Hyper => ({
  inverse: theta.subarray(0, width).map(Math.exp),
  scale: Math.exp(theta[width]!),
  noise: Math.exp(theta[width + 1]!),
});

/**
 * Minus the logarithm of the hyperparameters' posterior (Rasmussen and Williams 2006, 5.8 and 5.9), as a function of their
 * logarithms: those of the columns, the scale, the noise.
 */
export function implausibility(
  places: Places,
  values: Float64Array,
  differences = differencesOf(places),
): Smooth {
  return (theta, slope) => -evidenceAt(places, differences, values, theta, slope);
}

/** `slope`: of minus the logarithm. */
function evidenceAt(
  { count, width }: Places,
  differences: Float64Array,
  values: Float64Array,
  theta: Float64Array,
  slope: Float64Array,
): number {
  const hyper = hyperOf(theta, width);
  const { kernel, slopes } = kernelOf(differences, count, width, hyper);
  const factor = factorOf(kernel, count);
  if (factor === undefined) return -1e12;
  const alpha = solveBy(factor, values);
  const inverse = inverseBy(factor, count);
  let evidence = -0.5 * count * Math.log(2 * Math.PI);
  let trace = 0;
  let fit = 0;
  for (let i = 0; i < count; i++) {
    evidence -= Math.log(factor[i * count + i]!) + 0.5 * alpha[i]! * values[i]!;
    trace += inverse[i * count + i]!;
    fit += alpha[i]! * alpha[i]!;
  }
  slope.fill(0);
  const byNoise = 0.5 * (fit - trace) * hyper.noise;
  // K without noise is scale × correlation: its part of αᵀKα − tr(K⁻¹K) follows from the whole.
  const whole = alpha.reduce((sum, each, i) => sum + each * values[i]!, 0) - count;
  slope[width] = -(0.5 * whole - byNoise);
  slope[width + 1] = -byNoise;
  let at = 0;
  for (let i = 1, pair = 0; i < count; i++) {
    for (let j = 0; j < i; j++, pair++) {
      const weight = (alpha[i]! * alpha[j]! - inverse[i * count + j]!) * slopes[pair]!;
      for (let k = 0; k < width; k++) slope[k]! -= weight * differences[at++]!;
    }
  }
  for (let k = 0; k < width; k++) slope[k]! *= hyper.inverse[k]!;
  return evidence + logPrior(theta, slope, width);
}

function logPrior(theta: Float64Array, slope: Float64Array, width: number): number {
  const length = priors.length(width);
  const noise = noisePrior(theta[width + 1]!);
  slope[width + 1]! -= noise.slope;
  let log = noise.log;
  for (let k = 0; k < width + 1; k++) {
    const isLength = k < width;
    const { mean, deviation } = isLength ? length : priors.scale;
    // A length is exp(−θ / 2).
    const z = ((isLength ? -0.5 * theta[k]! : theta[k]!) - mean) / deviation;
    log -= 0.5 * z * z;
    slope[k]! += (z / deviation) * (isLength ? -0.5 : 1);
  }
  return log;
}

/** Matérn 5/2 of all pairs, with its derivatives by the squared distance, pair after pair. */
function kernelOf(differences: Float64Array, count: number, width: number, { inverse, scale, noise }: Hyper) {
  const kernel = new Float64Array(count * count);
  const slopes = new Float64Array((count * (count - 1)) / 2);
  let at = 0;
  for (let i = 0, pair = 0; i < count; i++) {
    kernel[i * count + i] = scale + noise;
    for (let j = 0; j < i; j++, pair++) {
      let squared = 0;
      for (let k = 0; k < width; k++) squared += inverse[k]! * differences[at++]!;
      const root = rootFive * Math.sqrt(squared);
      const fall = scale * Math.exp(-root);
      const value = (1 + root + (5 / 3) * squared) * fall;
      kernel[i * count + j] = value;
      kernel[j * count + i] = value;
      slopes[pair] = (-5 / 6) * (1 + root) * fall;
    }
  }
  return { kernel, slopes };
}

/** What is believed of a place: the mean and the variance of its value without noise, and how they change along its numbers. */
interface Belief {
  readonly mean: number;
  readonly variance: number;
  readonly meanSlope: Float64Array;
  readonly varianceSlope: Float64Array;
}

/** A Gaussian process that has seen `values` at `places`. */
export interface Process {
  at(place: Float64Array): Belief;
  /** The means at its own places. */
  readonly means: Float64Array;
}

/** `running`: places whose value is not known yet. They are taken for what is believed of them, which leaves only their variance to them. */
export function condition(places: Places, values: Float64Array, hyper: Hyper, running: number): Process {
  const known = { ...places, count: places.count - running };
  const first = solved(known, values, hyper);
  if (running === 0) return first;
  const all = new Float64Array(places.count);
  all.set(values);
  for (let i = known.count; i < places.count; i++) {
    all[i] = first.at(places.rows.subarray(i * places.width, (i + 1) * places.width)).mean;
  }
  return solved(places, all, hyper);
}

function solved(places: Places, values: Float64Array, hyper: Hyper): Process {
  const { rows, count, width, numbers } = places;
  const { kernel } = kernelOf(differencesOf(places), count, width, hyper);
  const factor = factorOf(kernel, count) ?? factorOf(lifted(kernel, count), count)!;
  const alpha = solveBy(factor, values);
  const inverse: Matrix = inverseBy(factor, count);
  return {
    means: values.map((value, i) => value - hyper.noise * alpha[i]!),
    at(place) {
      const [near, slopes] = [new Float64Array(count), new Float64Array(count)];
      for (let i = 0; i < count; i++) {
        let squared = 0;
        for (let k = 0; k < width; k++) {
          const difference = place[k]! - rows[i * width + k]!;
          squared += hyper.inverse[k]! * (k < numbers ? difference * difference : Number(difference !== 0));
        }
        const root = rootFive * Math.sqrt(squared);
        const fall = hyper.scale * Math.exp(-root);
        near[i] = (1 + root + (5 / 3) * squared) * fall;
        slopes[i] = (-5 / 6) * (1 + root) * fall;
      }
      let mean = 0;
      let explained = 0;
      const meanSlope = new Float64Array(numbers);
      const varianceSlope = new Float64Array(numbers);
      for (let i = 0; i < count; i++) {
        let weight = 0;
        const row = i * count;
        for (let j = 0; j < count; j++) weight += inverse[row + j]! * near[j]!;
        mean += alpha[i]! * near[i]!;
        explained += weight * near[i]!;
        const byMean = alpha[i]! * slopes[i]!;
        const byVariance = -2 * weight * slopes[i]!;
        for (let k = 0; k < numbers; k++) {
          const change = 2 * hyper.inverse[k]! * (place[k]! - rows[i * width + k]!);
          meanSlope[k]! += byMean * change;
          varianceSlope[k]! += byVariance * change;
        }
      }
      return { mean, variance: Math.max(1e-12, hyper.scale - explained), meanSlope, varianceSlope };
    },
  };
}

/** Places that are next to the same, where rounding leaves nothing between them. */
function lifted(kernel: Matrix, count: number): Matrix {
  const more = kernel.slice();
  for (let i = 0; i < count; i++) more[i * count + i]! += 1e-4;
  return more;
}
