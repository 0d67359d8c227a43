/** A square matrix, [size, size], row by row. */
export type Matrix = Float64Array;

/** The product of so many numbers from `i` of one array and from `j` of another: four sums at a time, which a processor does side by side. */
function dotOf(a: Float64Array, i: number, b: Float64Array, j: number, count: number): number {
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  const whole = count - (count % 4);
  let k = 0;
  for (; k < whole; k += 4) {
    first += a[i + k]! * b[j + k]!;
    second += a[i + k + 1]! * b[j + k + 1]!;
    third += a[i + k + 2]! * b[j + k + 2]!;
    fourth += a[i + k + 3]! * b[j + k + 3]!;
  }
  for (; k < count; k++) first += a[i + k]! * b[j + k]!;
  return first + second + (third + fourth);
}

/** The lower factor L of a positive definite A = L Lᵀ (Golub and Van Loan, 4.2.5), or undefined where it is not one. */
export function factorOf(matrix: Matrix, size: number): Matrix | undefined {
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let j = 0; j < i; j++) {
      const other = j * size;
      factor[row + j] = (matrix[row + j]! - dotOf(factor, row, factor, other, j)) / factor[other + j]!;
    }
    const square = matrix[row + i]! - dotOf(factor, row, factor, row, i);
    if (!(square > 0)) return undefined;
    factor[row + i] = Math.sqrt(square);
  }
  return factor;
}

/** L⁻¹ b. */
export function forwardBy(factor: Matrix, b: Float64Array): Float64Array {
  const size = b.length;
  const x = b.slice();
  for (let i = 0; i < size; i++) x[i] = (x[i]! - dotOf(factor, i * size, x, 0, i)) / factor[i * size + i]!;
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

/** A⁻¹ from the factor of A: L⁻¹ first, a column of it a row here, then L⁻ᵀ L⁻¹. */
export function inverseBy(factor: Matrix, size: number): Matrix {
  const columns = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    const column = j * size;
    columns[column + j] = 1 / factor[column + j]!;
    for (let i = j + 1; i < size; i++) {
      const row = i * size;
      columns[column + i] = -dotOf(factor, row + j, columns, column + j, i - j) / factor[row + i]!;
    }
  }
  const inverse = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const value = dotOf(columns, i * size + i, columns, j * size + i, size - i);
      inverse[i * size + j] = value;
      inverse[j * size + i] = value;
    }
  }
  return inverse;
}
