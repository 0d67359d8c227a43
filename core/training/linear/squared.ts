import type { DensePlan } from '../dense/plan.ts';
import { interceptOf } from './design.ts';
import type { Moments } from './moments.ts';
import { type LinearParams, l1Share } from './params.ts';
import { descend, solve } from './solve.ts';

/**
 * The coefficients of a quantity, from its moments alone: of Ridge, Lasso, ElasticNet or LinearRegression, as scikit-learn
 * states their objectives; sample weights count as there. The intercept has its place among them.
 */
export function fitSquared(
  plan: DensePlan,
  { sums, products }: Moments,
  centre: number,
  params: LinearParams,
): Float64Array {
  const intercept = interceptOf(plan);
  const { length: size } = sums;
  const product = products[0]!;
  const ones = product.subarray(intercept * size, (intercept + 1) * size);
  const weight = ones[intercept]!;
  const { matrix, slopes } = params.fit_intercept
    ? centred(product, sums, ones, intercept)
    : { matrix: product.slice(), slopes: sums.map((sum, j) => sum + centre * ones[j]!) };
  // The intercept is none of those that are looked for: an empty column has no coefficient.
  for (let j = 0; j < size; j++) matrix[intercept * size + j] = matrix[j * size + intercept] = 0;
  slopes[intercept] = 0;
  const coefficients = penalised(matrix, slopes, weight, params);
  if (!params.fit_intercept) return coefficients;
  let mean = sums[intercept]! / weight + centre;
  for (let j = 0; j < size; j++) mean -= (coefficients[j]! * ones[j]!) / weight;
  coefficients[intercept] = mean;
  return coefficients;
}

/** Products and slopes of what is left of the columns and the quantity less their means. */
function centred(product: Float64Array, sums: Float64Array, ones: Float64Array, intercept: number) {
  const { length: size } = sums;
  const weight = ones[intercept]!;
  const matrix = product.slice();
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) matrix[i * size + j]! -= (ones[i]! * ones[j]!) / weight;
  return { matrix, slopes: sums.map((sum, j) => sum - (ones[j]! * sums[intercept]!) / weight) };
}

function penalised(
  matrix: Float64Array,
  slopes: Float64Array,
  weight: number,
  params: LinearParams,
): Float64Array {
  const { alpha = 1 } = params;
  const size = slopes.length;
  const share = l1Share(params);
  if (share === undefined || share === 0) {
    // Ridge holds the coefficients against the sum of squares; an elastic net of ratio 0 against half their mean.
    const held = share === undefined ? 0 : params.penalty === 'l2' ? alpha : alpha * weight;
    for (let j = 0; j < size; j++) if (matrix[j * size + j] !== 0) matrix[j * size + j]! += held;
    return solve(matrix, slopes);
  }
  const penalties = {
    l1: new Float64Array(size).fill(alpha * share * weight),
    l2: new Float64Array(size).fill(alpha * (1 - share) * weight),
  };
  return descend(matrix, slopes, penalties, new Float64Array(size));
}
