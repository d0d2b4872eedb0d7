import { at } from '../../arithmetic.ts';

/** Operations on symmetric matrices for ridge regression: float64, row-major. */

/**
 * Computes a dot product with four independent sums, so that the processor need not wait for one addition before the
 * next.
 */
export function dot(a: Float64Array, b: Float64Array, length = a.length, fromA = 0, fromB = 0): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = length - (length % 4);
  for (let k = 0; k < whole; k += 4) {
    s0 += (a[fromA + k] ?? 0) * (b[fromB + k] ?? 0);
    s1 += (a[fromA + k + 1] ?? 0) * (b[fromB + k + 1] ?? 0);
    s2 += (a[fromA + k + 2] ?? 0) * (b[fromB + k + 2] ?? 0);
    s3 += (a[fromA + k + 3] ?? 0) * (b[fromB + k + 3] ?? 0);
  }
  for (let k = whole; k < length; k++) s0 += (a[fromA + k] ?? 0) * (b[fromB + k] ?? 0);
  return s0 + s1 + (s2 + s3);
}

/**
 * Replaces one row of a matrix's lower triangle by the row of its Cholesky factor. The rows above must already be
 * replaced.
 * @param matrix [size, size], symmetric and positive definite
 */
export function factorizeRow(matrix: Float64Array, size: number, row: number): void {
  for (let j = 0; j <= row; j++) {
    const left = at(matrix, row * size + j) - dot(matrix, matrix, j, row * size, j * size);
    matrix[row * size + j] = row === j ? Math.sqrt(left) : left / at(matrix, j * size + j);
  }
}

/**
 * Solves `matrix * X = right`.
 * @param factor [size, size]: the matrix's Cholesky factor in the lower triangle @param right [size, columns]
 * @returns [size, columns]
 */
export function substitute(factor: Float64Array, right: Float64Array, columns: number): Float64Array {
  const size = right.length / columns;
  const solution = Float64Array.from(right);
  const subtract = (from: number, row: number, factor: number): void => {
    for (let c = 0; c < columns; c++)
      solution[from * columns + c] = at(solution, from * columns + c) - factor * at(solution, row * columns + c);
  };
  const divide = (row: number): void => {
    for (let c = 0; c < columns; c++)
      solution[row * columns + c] = at(solution, row * columns + c) / at(factor, row * size + row);
  };
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) subtract(i, j, at(factor, i * size + j));
    divide(i);
  }
  for (let i = size - 1; i >= 0; i--) {
    divide(i);
    for (let j = 0; j < i; j++) subtract(j, i, at(factor, i * size + j));
  }
  return solution;
}

/**
 * Inverts a Cholesky factor.
 * @param factor [size, size] in the lower triangle
 * @returns [size, size], lower triangular
 */
export function invertFactor(factor: Float64Array, size: number): Float64Array {
  // Stores columns of the inverse as rows, so that their elements are adjacent in memory.
  const columns = new Float64Array(size * size);
  for (let start = 0; start < size; start++) {
    const from = start * size;
    columns[from + start] = 1 / at(factor, start * size + start);
    for (let row = start + 1; row < size; row++)
      columns[from + row] = -dot(factor, columns, row - start, row * size + start, from + start) / at(factor, row * size + row);
  }
  return transpose(columns, size);
}

/**
 * Computes the diagonal of the matrix's inverse: the squared lengths of the columns of its factor's inverse.
 * @param factor [size, size]: the matrix's Cholesky factor in the lower triangle
 * @returns [size]
 */
export function inverseDiagonal(factor: Float64Array, size: number): Float64Array {
  const diagonal = new Float64Array(size);
  // One column of the inverse at a time, from its diagonal down.
  const column = new Float64Array(size);
  for (let start = 0; start < size; start++) {
    column[start] = 1 / at(factor, start * size + start);
    for (let row = start + 1; row < size; row++)
      column[row] = -dot(factor, column, row - start, row * size + start, start) / at(factor, row * size + row);
    diagonal[start] = dot(column, column, size - start, start, start);
  }
  return diagonal;
}

/**
 * Multiplies each row, and the column of the same index, by a factor.
 * @param matrix [size, size]
 * @param factors [size]
 */
export function scaleBothSides(matrix: Float64Array, factors: Float64Array): Float64Array {
  const size = factors.length;
  return matrix.map((value, i) => value * at(factors, Math.floor(i / size)) * at(factors, i % size));
}

/**
 * Multiplies each row by a factor.
 * @param matrix [rows, columns]
 * @param factors [rows]
 */
export function scaleRows(matrix: Float64Array, factors: Float64Array): Float64Array {
  const columns = matrix.length / factors.length;
  return matrix.map((value, i) => value * at(factors, Math.floor(i / columns)));
}

/** Adds a value to the diagonal, in place. @param matrix [size, size] */
export function addToDiagonal(matrix: Float64Array, size: number, value: number): void {
  for (let i = 0; i < size; i++) matrix[i * (size + 1)] = at(matrix, i * (size + 1)) + value;
}

/** Transposes a matrix. @param matrix [rows, columns] */
function transpose(matrix: Float32Array | Float64Array, rows: number): Float64Array {
  const columns = matrix.length / rows;
  const turned = new Float64Array(matrix.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) turned[column * rows + row] = matrix[row * columns + column] ?? 0;
  return turned;
}
