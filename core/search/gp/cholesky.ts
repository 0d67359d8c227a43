/** A square matrix, [size, size], row by row. */
export type Matrix = Float64Array;

/** The lower factor L of a positive definite A = L Lᵀ (Golub and Van Loan, 4.2.5), or undefined where it is not one. */
export function factorOf(matrix: Matrix, size: number): Matrix | undefined {
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let j = 0; j <= i; j++) {
      const other = j * size;
      let sum = matrix[row + j]!;
      for (let k = 0; k < j; k++) sum -= factor[row + k]! * factor[other + k]!;
      if (j < i) factor[row + j] = sum / factor[other + j]!;
      else if (sum > 0) factor[row + i] = Math.sqrt(sum);
      else return undefined;
    }
  }
  return factor;
}

/** L⁻¹ b. */
export function forwardBy(factor: Matrix, b: Float64Array): Float64Array {
  const size = b.length;
  const x = b.slice();
  for (let i = 0; i < size; i++) {
    let sum = x[i]!;
    for (let k = 0; k < i; k++) sum -= factor[i * size + k]! * x[k]!;
    x[i] = sum / factor[i * size + i]!;
  }
  return x;
}

/** A⁻¹ b from the factor of A. */
export function solveBy(factor: Matrix, b: Float64Array): Float64Array {
  const size = b.length;
  const x = forwardBy(factor, b);
  for (let i = size - 1; i >= 0; i--) {
    const value = x[i]! / factor[i * size + i]!;
    x[i] = value;
    for (let k = 0; k < i; k++) x[k]! -= factor[i * size + k]! * value;
  }
  return x;
}

/** A⁻¹ from the factor of A: L⁻¹ first, then L⁻ᵀ L⁻¹. */
export function inverseBy(factor: Matrix, size: number): Matrix {
  const lower = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    lower[j * size + j] = 1 / factor[j * size + j]!;
    for (let i = j + 1; i < size; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum -= factor[i * size + k]! * lower[k * size + j]!;
      lower[i * size + j] = sum / factor[i * size + i]!;
    }
  }
  const inverse = new Float64Array(size * size);
  for (let k = 0; k < size; k++) {
    for (let i = 0; i <= k; i++) {
      const value = lower[k * size + i]!;
      if (value === 0) continue;
      for (let j = 0; j <= i; j++) inverse[i * size + j]! += value * lower[k * size + j]!;
    }
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) inverse[j * size + i] = inverse[i * size + j]!;
  return inverse;
}
