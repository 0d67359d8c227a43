import type { Scalar } from '../contracts/names.ts';
import type { Dimension } from '../contracts/space.ts';
import { halfLogTwoPi, normalCdf, truncatedNormal } from './normal.ts';
import { stepped } from './space.ts';

/** A configuration in numbers, one a dimension: a choice is the place of its option. */
export type Point = readonly number[];

export const codeOf = (dimension: Dimension, value: Scalar): number =>
  dimension.kind === 'choice' ? dimension.options.indexOf(value) : Number(value);

export const paramOf = (dimension: Dimension, code: number): Scalar =>
  dimension.kind === 'choice' ? dimension.options[code]! : code;

/** A density over a search space. */
export interface Density {
  /** `next` gives numbers in [0, 1). */
  draw(next: () => number): Point;
  /** Natural logarithm: of a probability for integers and choices, of a density along the (logarithmic) axis for floats. */
  logAt(point: Point): number;
}

/**
 * A Parzen estimator whose kernels are products over all dimensions (Falkner et al., "BOHB", ICML 2018, section 3.2): one
 * around each point, the oldest first, and one that knows nothing (the prior), with the weights, bandwidths and cut-offs
 * that Optuna 5's TPESampler has (Watanabe, arXiv:2304.11127, section 3.3).
 */
export function parzen(dimensions: readonly Dimension[], points: readonly Point[]): Density {
  const kernels = dimensions.map((dimension, at) =>
    kernelsOf(
      dimension,
      points.map((point) => point[at]!),
    ),
  );
  const weights = [...agedWeights(points.length), 1];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    draw(next) {
      const kernel = placeOf(next() * total, weights);
      return kernels.map((each) => each.draw(kernel, next));
    },
    logAt(point) {
      const logs = Float64Array.from(weights, (weight) => Math.log(weight / total));
      for (const [at, each] of kernels.entries()) each.addLogs(point[at]!, logs);
      return logOfSum(logs);
    },
  };
}

/** Of so many points, the latest 25 count in full; the first of all counts least (Bergstra et al., "Making a Science of Model Search", ICML 2013). */
export function agedWeights(count: number): number[] {
  const aged = Math.max(0, count - 25);
  const step = aged > 1 ? (1 - 1 / count) / (aged - 1) : 0;
  return Array.from({ length: count }, (_, place) => (place < aged ? 1 / count + step * place : 1));
}

/** One dimension of every kernel, the prior's last. */
interface Kernels {
  draw(kernel: number, next: () => number): number;
  /** Adds each kernel's logarithm at the code. */
  addLogs(code: number, logs: Float64Array): void;
}

function kernelsOf(dimension: Dimension, codes: readonly number[]): Kernels {
  switch (dimension.kind) {
    case 'choice': {
      const options = dimension.options.length;
      return dimension.ordered
        ? steppedKernels({ low: 0, high: options - 1, log: false, step: 1 }, codes)
        : choiceKernels(options, codes);
    }
    case 'int':
      return steppedKernels({ ...dimension, step: dimension.step ?? 1 }, codes);
    case 'float': {
      const { step } = dimension;
      return step === undefined
        ? floatKernels(dimension, codes)
        : steppedKernels({ ...dimension, step }, codes);
    }
  }
}

/** A kernel gives its own option the weight 1, and every option one in the number of kernels. */
function choiceKernels(options: number, codes: readonly number[]): Kernels {
  const share = 1 / (codes.length + 1);
  const log = (kernel: number, code: number): number => {
    const own = kernel < codes.length ? 1 : 0;
    return Math.log((share + (codes[kernel] === code ? 1 : 0)) / (options * share + own));
  };
  return {
    draw(kernel, next) {
      const weights = Array.from({ length: options }, (_, code) => Math.exp(log(kernel, code)));
      return placeOf(next(), weights);
    },
    addLogs(code, logs) {
      for (let kernel = 0; kernel < logs.length; kernel++) logs[kernel]! += log(kernel, code);
    },
  };
}

type Axis = Pick<Exclude<Dimension, { kind: 'choice' }>, 'low' | 'high' | 'log'>;

function floatKernels(axis: Axis, codes: readonly number[]): Kernels {
  const scale = axis.log ? Math.log : identity;
  const bells = bellsOf(codes.map(scale), scale(axis.low), scale(axis.high));
  const heights = bells.map(({ deviation, mass }) => -halfLogTwoPi - Math.log(deviation * mass));
  return {
    draw(kernel, next) {
      const drawn = truncatedNormal(bells[kernel]!, next);
      return Math.min(axis.high, Math.max(axis.low, axis.log ? Math.exp(drawn) : drawn));
    },
    addLogs(code, logs) {
      const at = scale(code);
      for (const [kernel, { mean, deviation }] of bells.entries()) {
        const z = (at - mean) / deviation;
        logs[kernel]! += heights[kernel]! - 0.5 * z * z;
      }
    },
  };
}

/** A value on the grid has the mass between the halves of a step below and above it. */
function steppedKernels(axis: Axis & { readonly step: number }, codes: readonly number[]): Kernels {
  const scale = axis.log ? Math.log : identity;
  const { low, step } = axis;
  const last = Math.floor((axis.high - low) / step + 1e-9);
  const half = step / 2;
  const bells = bellsOf(codes.map(scale), scale(low - half), scale(low + last * step + half));
  return {
    draw(kernel, next) {
      const drawn = truncatedNormal(bells[kernel]!, next);
      const place = Math.round(((axis.log ? Math.exp(drawn) : drawn) - low) / step);
      return stepped(low, step, Math.min(last, Math.max(0, place)));
    },
    addLogs(code, logs) {
      const [from, to] = [scale(code - half), scale(code + half)];
      for (const [kernel, { mean, deviation, mass }] of bells.entries()) {
        const within = normalCdf((to - mean) / deviation) - normalCdf((from - mean) / deviation);
        logs[kernel]! += Math.log(within / mass);
      }
    },
  };
}

const identity = (value: number): number => value;

/** A normal distribution cut off at `low` and `high`; `mass` lies between them. */
type Bell = Readonly<Record<'mean' | 'deviation' | 'low' | 'high' | 'mass', number>>;

/**
 * One bell a mean, and the prior's. A deviation is the longer way to a neighbour (for the outermost: to the only one), and
 * no less than the width over 100 or over the number of kernels and one ("magic clipping").
 */
export function bellsOf(means: readonly number[], low: number, high: number): Bell[] {
  const width = high - low;
  const least = width / Math.min(100, means.length + 2);
  const order = means.map((_, at) => at).sort((a, b) => means[a]! - means[b]!);
  const deviations = new Array<number>(means.length);
  for (const [rank, at] of order.entries()) {
    const below = means[order[rank - 1] ?? -1] ?? (means.length === 1 ? low : means[at]!);
    const above = means[order[rank + 1] ?? -1] ?? (means.length === 1 ? high : means[at]!);
    deviations[at] = Math.min(width, Math.max(least, means[at]! - below, above - means[at]!));
  }
  return [...means, (low + high) / 2].map((mean, at) => {
    const deviation = deviations[at] ?? width;
    const mass = normalCdf((high - mean) / deviation) - normalCdf((low - mean) / deviation);
    return { mean, deviation, low, high, mass };
  });
}

/** Where `mark` falls when the weights are laid end to end. */
function placeOf(mark: number, weights: readonly number[]): number {
  let left = mark;
  const place = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return place < 0 ? weights.length - 1 : place;
}

function logOfSum(logs: Float64Array): number {
  const most = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0));
}
