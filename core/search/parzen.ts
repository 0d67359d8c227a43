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
  const logWeights = Float64Array.from(weights, (weight) => Math.log(weight / total));
  return {
    draw(next) {
      const kernel = placeOf(next() * total, weights);
      return kernels.map((each) => each.draw(kernel, next));
    },
    logAt(point) {
      const logs = logWeights.slice();
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
  const [own, other, even] = [
    (share + 1) / (options * share + 1),
    share / (options * share + 1),
    1 / options,
  ];
  const weight = (kernel: number, code: number): number =>
    kernel >= codes.length ? even : codes[kernel] === code ? own : other;
  const [logOwn, logOther, logEven] = [Math.log(own), Math.log(other), Math.log(even)];
  return {
    draw(kernel, next) {
      const weights = Array.from({ length: options }, (_, code) => weight(kernel, code));
      return placeOf(next(), weights);
    },
    addLogs(code, logs) {
      for (let kernel = 0; kernel < codes.length; kernel++)
        logs[kernel]! += codes[kernel] === code ? logOwn : logOther;
      logs[codes.length]! += logEven;
    },
  };
}

type Axis = Pick<Exclude<Dimension, { kind: 'choice' }>, 'low' | 'high' | 'log'>;

function floatKernels(axis: Axis, codes: readonly number[]): Kernels {
  const scale = axis.log ? Math.log : identity;
  const bells = bellsOf(codes.map(scale), scale(axis.low), scale(axis.high));
  const means = Float64Array.from(bells, ({ mean }) => mean);
  const tightness = Float64Array.from(bells, ({ deviation }) => 0.5 / deviation ** 2);
  const heights = Float64Array.from(
    bells,
    ({ deviation, mass }) => -halfLogTwoPi - Math.log(deviation * mass),
  );
  return {
    draw(kernel, next) {
      const drawn = truncatedNormal(bells[kernel]!, next);
      return Math.min(axis.high, Math.max(axis.low, axis.log ? Math.exp(drawn) : drawn));
    },
    addLogs(code, logs) {
      const at = scale(code);
      for (let kernel = 0; kernel < logs.length; kernel++) {
        const away = at - means[kernel]!;
        logs[kernel]! += heights[kernel]! - tightness[kernel]! * away * away;
      }
    },
  };
}

/** So many deviations away a bell has no mass that a sum would notice. */
const beyond = 8;

/** A value on the grid has the mass between the halves of a step below and above it. */
function steppedKernels(axis: Axis & { readonly step: number }, codes: readonly number[]): Kernels {
  const scale = axis.log ? Math.log : identity;
  const { low, step } = axis;
  const last = Math.floor((axis.high - low) / step + 1e-9);
  const half = step / 2;
  const bells = bellsOf(codes.map(scale), scale(low - half), scale(low + last * step + half));
  const known = new Map<number, Float64Array>();
  const logsAt = (code: number): Float64Array => {
    const [from, to] = [scale(code - half), scale(code + half)];
    return Float64Array.from(bells, ({ mean, deviation, mass }) => {
      const left = (from - mean) / deviation;
      const right = (to - mean) / deviation;
      return left > beyond || right < -beyond
        ? -Infinity
        : Math.log((normalCdf(right) - normalCdf(left)) / mass);
    });
  };
  return {
    draw(kernel, next) {
      const drawn = truncatedNormal(bells[kernel]!, next);
      const place = Math.round(((axis.log ? Math.exp(drawn) : drawn) - low) / step);
      return stepped(low, step, Math.min(last, Math.max(0, place)));
    },
    addLogs(code, logs) {
      const own = known.get(code) ?? logsAt(code);
      known.set(code, own);
      for (let kernel = 0; kernel < logs.length; kernel++) logs[kernel]! += own[kernel]!;
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
  let most = -Infinity;
  for (let k = 0; k < logs.length; k++) most = Math.max(most, logs[k]!);
  let sum = 0;
  for (let k = 0; k < logs.length; k++) sum += Math.exp(logs[k]! - most);
  return most + Math.log(sum);
}
