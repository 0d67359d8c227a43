import type { Moments } from './moments.ts';
import { type LinearParams, l1Share } from './params.ts';
import { descend, solve } from './solve.ts';

/** Where Newton's method stands, after so many rounds. Plain JSON. */
export interface NewtonState {
  readonly rounds: number;
  /** What the next round looks at: the model so far. */
  readonly coefficients: readonly number[];
  /** The best that was looked at, and where it leads; undefined before the first round. */
  readonly from?: {
    readonly coefficients: readonly number[];
    readonly objective: number;
    /** What the objective falls by at first, for a whole step. */
    readonly slope: number;
    readonly step: readonly number[];
    /** The share of the step that is tried. */
    readonly share: number;
  };
  readonly ended: boolean;
  /** The first round begins where a sample led, not at zero. */
  readonly isNear?: true;
}

/** How the coefficients, class after class of `columns` each, are held back. */
export interface Holding {
  readonly columns: number;
  readonly intercept: number;
  readonly params: LinearParams;
  /** Of two classes one has coefficients; of more each, and what is added to all of them changes nothing. */
  readonly classes: number;
}

/**
 * Shares of the objective: what a last step may still gain; what the step after it may, as the two before foretell, since each
 * gain is as the square of the one before; and that is no gain but rounding.
 */
const lastGain = 1e-9;
const gainBehindLast = 1e-16;
const noGain = 1e-14;

/** What a shorter step must gain of what it promises (Armijo's rule). */
const armijo = 1e-4;

/** Of a step that is no better however short, nothing is taken. */
const leastShare = 1e-6;

/** A mean loss so small is that of classes that a plane divides. */
const dividedLoss = 1e-8;

/**
 * One round of Newton's method on the logistic loss and its penalty, given the loss, gradient and second derivatives at the
 * coefficients so far: a proximal step where absolute values are penalised (Lee, Sun and Saunders 2014), half of the step
 * before where that went too far.
 */
export function newtonRound(
  state: NewtonState,
  moments: Moments,
  weight: number,
  holding: Holding,
): NewtonState {
  const at = Float64Array.from(state.coefficients);
  const costs = costsOf(holding, at.length);
  const objective = moments.loss + costOf(costs, at);
  const rounds = state.rounds + 1;
  const { from } = state;
  if (state.isNear && !(objective <= atZero(weight, holding))) {
    return { rounds, coefficients: state.coefficients.map(() => 0), ended: false };
  }
  if (from && !(objective <= from.objective + armijo * from.share * from.slope + noGain * from.objective)) {
    const share = from.share / 2;
    const shorter = from.coefficients.map((value, j) => value + share * from.step[j]!);
    return share < leastShare
      ? { rounds, coefficients: from.coefficients, from, ended: true }
      : { rounds, coefficients: shorter, from: { ...from, share }, ended: false };
  }
  const matrix = secondDerivatives(moments, holding);
  const step = stepFrom(at, matrix, moments.sums, costs);
  const slope = slopeOf(at, step, moments.sums, costs);
  const next = normalised(
    at.map((value, j) => value + step[j]!),
    holding,
  );
  const gain = -slope / objective;
  const before = from?.share === 1 ? -from.slope / from.objective : 0;
  const isLast =
    gain <= lastGain || gain ** 3 <= gainBehindLast * before ** 2 || moments.loss <= dividedLoss * weight;
  return {
    rounds,
    coefficients: [...(-slope <= noGain * objective ? at : next)],
    from: {
      coefficients: [...at],
      objective,
      slope,
      step: [...next.map((value, j) => value - at[j]!)],
      share: 1,
    },
    ended: isLast,
  };
}

/** The objective where all coefficients are 0: all classes are as probable, and nothing is held back. */
const atZero = (weight: number, { classes }: Holding): number => weight * Math.log(Math.max(2, classes));

interface Costs {
  readonly l1: Float64Array;
  readonly l2: Float64Array;
}

function costsOf({ columns, intercept, params }: Holding, size: number): Costs {
  const share = l1Share(params);
  const held = share === undefined ? 0 : 1 / (params.C ?? 1);
  const each = (value: number) =>
    Float64Array.from({ length: size }, (_, j) => (j % columns === intercept ? 0 : value));
  return { l1: each(held * (share ?? 0)), l2: each(held * (1 - (share ?? 0))) };
}

const costOf = ({ l1, l2 }: Costs, at: Float64Array): number =>
  at.reduce((sum, value, j) => sum + l1[j]! * Math.abs(value) + (l2[j]! * value ** 2) / 2, 0);

function stepFrom(
  at: Float64Array,
  matrix: Float64Array,
  gradient: Float64Array,
  { l1, l2 }: Costs,
): Float64Array {
  const size = at.length;
  if (l1.every((value) => value === 0)) {
    const held = matrix.slice();
    for (let j = 0; j < size; j++) held[j * size + j]! += l2[j]!;
    return solve(
      held,
      gradient.map((value, j) => -value - l2[j]! * at[j]!),
    );
  }
  const b = gradient.map((value, j) => -value + dot(matrix, j * size, at));
  return descend(matrix, b, { l1, l2 }, at).map((value, j) => value - at[j]!);
}

function dot(matrix: Float64Array, from: number, x: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += matrix[from + k]! * x[k]!;
  return sum;
}

/** What the objective falls by along the step, of its first order and the penalty as it is. */
function slopeOf(at: Float64Array, step: Float64Array, gradient: Float64Array, { l1, l2 }: Costs): number {
  let slope = 0;
  for (let j = 0; j < at.length; j++) {
    const reached = Math.abs(at[j]! + step[j]!) - Math.abs(at[j]!);
    slope += (gradient[j]! + l2[j]! * at[j]!) * step[j]! + l1[j]! * reached;
  }
  return slope;
}

/** The whole matrix, of the blocks of pairs of classes; without an intercept, nothing changes with it. */
function secondDerivatives(
  { products, sums }: Moments,
  { columns, intercept, params, classes }: Holding,
): Float64Array {
  const size = sums.length;
  const whole = new Float64Array(size * size);
  let pair = 0;
  for (let k = 0; k < classes; k++)
    for (let l = k; l < classes; l++) {
      const block = products[pair++]!;
      for (let i = 0; i < columns; i++)
        for (let j = 0; j < columns; j++) {
          const value =
            params.fit_intercept || (i !== intercept && j !== intercept) ? block[i * columns + j]! : 0;
          whole[(k * columns + i) * size + l * columns + j] = value;
          whole[(l * columns + j) * size + k * columns + i] = value;
        }
    }
  return whole;
}

/** Of several classes a constant added to all changes nothing but the penalty, which is least where their mean is 0. */
function normalised(
  coefficients: Float64Array,
  { columns, intercept, params, classes }: Holding,
): Float64Array {
  if (classes === 1) return coefficients;
  const isFree = (j: number) => j === intercept || !l1Share(params);
  for (let j = 0; j < columns; j++) {
    if (!isFree(j)) continue;
    let mean = 0;
    for (let k = 0; k < classes; k++) mean += coefficients[k * columns + j]! / classes;
    for (let k = 0; k < classes; k++) coefficients[k * columns + j]! -= mean;
  }
  return coefficients;
}
