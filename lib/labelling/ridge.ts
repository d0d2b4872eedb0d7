/** Ridge regression in the space of features, with scores of leave-one-out in closed form (Hoerl & Kennard, 1970). */
import { at, at32 } from '../arithmetic.ts';
import { addToDiagonal, dot, factorizeRow, invertFactor } from '../training/closed-form/linear-algebra.ts';
import type { FeatureSpace } from './feature-space.ts';

/** The labels of some images. */
export interface Labelled {
  /** Rows of the space. */
  readonly rows: readonly number[];
  /** The class number of each of them. */
  readonly labels: readonly number[];
  readonly classes: number;
}

/** Products of the columns of labelled images, the intercept's 1 last. */
export interface ColumnProducts {
  /** The lower triangle, [width + 1, width + 1]. */
  readonly matrix: Float64Array;
  /** Products with the targets of each class, [classes][width + 1]. */
  readonly right: readonly Float64Array[];
}

/** Multiplies the columns of labelled images, once for all strengths. */
export function multiplyColumns(space: FeatureSpace, { rows, labels, classes }: Labelled): ColumnProducts {
  const size = space.width + 1;
  const matrix = new Float64Array(size * size);
  const right = Array.from({ length: classes }, () => new Float64Array(size));
  const x = new Float64Array(size);
  for (const [i, row] of rows.entries()) {
    vectorOf(space, row, x);
    for (let a = 0; a < size; a++) {
      const value = at(x, a);
      for (let b = 0; b <= a; b++) matrix[a * size + b] = at(matrix, a * size + b) + value * at(x, b);
    }
    for (const [label, sums] of right.entries()) {
      const target = (label === labels[i] ? 1 : 0) - 1 / classes;
      for (let a = 0; a < size; a++) sums[a] = at(sums, a) + target * at(x, a);
    }
  }
  return { matrix, right };
}

/** A ridge regression to the classes of labelled images. */
export interface RidgeFit {
  /** [classes][width + 1], the intercept last. */
  readonly coefficients: readonly Float64Array[];
  /** The inverse of the Cholesky factor, [width + 1, width + 1]. */
  readonly inverse: Float64Array;
}

/** Solves the ridge regression of a strength. @param size width of the space + 1 */
export function solveRidge({ matrix, right }: ColumnProducts, size: number, ridge: number): RidgeFit {
  const factor = Float64Array.from(matrix);
  addToDiagonal(factor, size, ridge);
  for (let row = 0; row < size; row++) factorizeRow(factor, size, row);
  const inverse = invertFactor(factor, size);
  return { inverse, coefficients: right.map((sums) => throughBoth(inverse, size, sums)) };
}

/** The solution of the symmetric system whose factor's inverse is given. */
function throughBoth(inverse: Float64Array, size: number, right: Float64Array): Float64Array {
  const solution = new Float64Array(size);
  for (let row = 0; row < size; row++) {
    const value = dot(inverse, right, row + 1, row * size, 0);
    for (let column = 0; column <= row; column++)
      solution[column] = at(solution, column) + value * at(inverse, row * size + column);
  }
  return solution;
}

/** Scores of each labelled image by the fit to all others, [rows, classes]. */
export function leaveOneOut(
  space: FeatureSpace,
  { rows, labels, classes }: Labelled,
  { inverse, coefficients }: RidgeFit,
): Float64Array {
  const size = space.width + 1;
  const scores = new Float64Array(rows.length * classes);
  const own = new Float64Array(classes);
  const x = new Float64Array(size);
  for (const [i, row] of rows.entries()) {
    vectorOf(space, row, x);
    let leverage = 0;
    for (let k = 0; k < size; k++) leverage += dot(inverse, x, k + 1, k * size, 0) ** 2;
    scoresOf(space, row, coefficients, own);
    for (let label = 0; label < classes; label++) {
      const target = (label === labels[i] ? 1 : 0) - 1 / classes;
      scores[i * classes + label] = target - (target - at(own, label)) / Math.max(1 - leverage, 1e-6);
    }
  }
  return scores;
}

function vectorOf({ vectors, width }: FeatureSpace, row: number, x: Float64Array): void {
  x.set(vectors.subarray(row * width, (row + 1) * width));
  x[width] = 1;
}

/** Scores of one image by class, written into `scores`. @param coefficients of `RidgeFit` */
export function scoresOf(
  { vectors, width }: FeatureSpace,
  row: number,
  coefficients: readonly Float64Array[],
  scores: Float64Array,
): void {
  for (const [label, weights] of coefficients.entries()) {
    let sum = at(weights, width);
    for (let k = 0, i = row * width; k < width; k++, i++) sum += at32(vectors, i) * at(weights, k);
    scores[label] = sum;
  }
}
