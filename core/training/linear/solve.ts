/** A symmetric matrix, [size, size], row by row. */
type Matrix = Float64Array;

/** A pivot that is so much smaller than what it began with is rounding alone. */
const nothing = 1e-12;

/**
 * Solves A x = b for a symmetric positive semidefinite A by its Cholesky factor, row after row (Golub and Van Loan, 4.2).
 * A column that those before it determine is left out, its x is 0: of collinear columns the first have the coefficients.
 */
export function solve(matrix: Matrix, b: Float64Array): Float64Array {
  const size = b.length;
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let j = 0; j <= i; j++) {
      const other = j * size;
      const pivot = factor[other + j]!;
      if (j < i && pivot === 0) continue;
      let sum = matrix[row + j]!;
      for (let k = 0; k < j; k++) sum -= factor[row + k]! * factor[other + k]!;
      if (j < i) factor[row + j] = sum / pivot;
      else if (sum > nothing * matrix[row + i]!) factor[row + i] = Math.sqrt(sum);
    }
  }
  const x = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const pivot = factor[i * size + i]!;
    if (pivot === 0) continue;
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= factor[i * size + k]! * x[k]!;
    x[i] = sum / pivot;
  }
  for (let i = size - 1; i >= 0; i--) {
    const pivot = factor[i * size + i]!;
    if (pivot === 0) continue;
    x[i]! /= pivot;
    for (let k = 0; k < i; k++) x[k]! -= factor[i * size + k]! * x[i]!;
  }
  return x;
}

/** What a coefficient costs: `l1` × |x| + `l2` × x² / 2, of each its own. */
export interface Penalties {
  readonly l1: Float64Array;
  readonly l2: Float64Array;
}

/** Sweeps over the coefficients; an optimum that takes more is of columns that are next to collinear. */
const mostSweeps = 20_000;

/**
 * The least of xᵀ A x / 2 − bᵀ x and the penalties, one coefficient after the other, by covariances (Friedman, Hastie and
 * Tibshirani 2010, 2.2): after a sweep over all, those that are not 0 are swept over until they stand still.
 */
export function descend(
  matrix: Matrix,
  b: Float64Array,
  { l1, l2 }: Penalties,
  start: Float64Array,
): Float64Array {
  const size = b.length;
  const x = start.slice();
  /** b − A x. */
  const rest = b.slice();
  for (let j = 0; j < size; j++) if (x[j] !== 0) addRow(matrix, j, -x[j]!, rest);
  const scale = b.reduce(
    (most, value, j) => Math.max(most, value ** 2 / (matrix[j * size + j]! || Infinity)),
    0,
  );
  const step = (j: number): number => {
    const diagonal = matrix[j * size + j]!;
    if (!(diagonal > 0)) return 0;
    const slope = rest[j]! + diagonal * x[j]!;
    const next = (Math.sign(slope) * Math.max(0, Math.abs(slope) - l1[j]!)) / (diagonal + l2[j]!);
    const change = next - x[j]!;
    if (change === 0) return 0;
    addRow(matrix, j, -change, rest);
    x[j] = next;
    return (change ** 2 * diagonal) / scale;
  };
  const sweep = (places: Iterable<number>): number => {
    let most = 0;
    for (const j of places) most = Math.max(most, step(j));
    return most;
  };
  let sweeps = 0;
  while (sweeps++ < mostSweeps && sweep(x.keys()) > still) {
    const active = [...x.keys()].filter((j) => x[j] !== 0);
    while (sweeps++ < mostSweeps && sweep(active) > still);
  }
  return x;
}

/** The square of the largest change of a sweep, in units of what a coefficient alone could explain, at which it ends. */
const still = 1e-24;

function addRow(matrix: Matrix, j: number, by: number, to: Float64Array): void {
  const at = j * to.length;
  for (let k = 0; k < to.length; k++) to[k]! += by * matrix[at + k]!;
}
