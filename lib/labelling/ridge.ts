/** Ridge regression in the space of features, with scores of leave-one-out in closed form (Hoerl & Kennard, 1970). */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { at } from '../arithmetic.ts';
import { addToDiagonal, factorizeRow, invertFactor } from '../training/closed-form/linear-algebra.ts';
import { type Matrix, multiply64 } from '../training/closed-form/matrix-products.ts';
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
  /** [width + 1, width + 1] */
  readonly matrix: Float64Array;
  /** Products with the targets of each class, [classes, width + 1]. */
  readonly right: Float64Array;
}

/** Images to multiply at once: 2 MB of columns, and a fraction of a second of a thread. */
export const ROWS_AT_ONCE = 1024;

/** The columns of images, the intercept's 1 last, [rows, width + 1]. */
export function imageColumns({ vectors, width }: FeatureSpace, rows: readonly number[]): Matrix<'float64'> {
  const values = new Float64Array(rows.length * (width + 1)).fill(1);
  for (const [i, row] of rows.entries()) values.set(vectors.subarray(row * width, (row + 1) * width), i * (width + 1));
  return { values, rows: rows.length };
}

/**
 * Multiplies the columns of labelled images, once for all strengths. The target of a class is 1 for its own images and 0
 * for others, less the mean 1 / classes. So its products are the sum over its own images less a share of the sum over
 * all, and their number does not grow with the classes.
 */
export async function multiplyColumns(space: FeatureSpace, { rows, labels, classes }: Labelled): Promise<ColumnProducts> {
  const size = space.width + 1;
  const matrix = new Float64Array(size * size);
  const right = new Float64Array(classes * size);
  const total = new Float64Array(size);
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    const columns = imageColumns(space, rows.slice(start, start + ROWS_AT_ONCE));
    const products = await multiply64(columns, columns, 'first');
    for (let i = 0; i < matrix.length; i++) matrix[i] = at(matrix, i) + at(products, i);
    for (let row = 0; row < columns.rows; row++) {
      const sums = (labels[start + row] ?? 0) * size;
      for (let a = 0; a < size; a++) {
        const value = at(columns.values, row * size + a);
        total[a] = at(total, a) + value;
        right[sums + a] = at(right, sums + a) + value;
      }
    }
    await nextTurn();
  }
  for (let i = 0; i < right.length; i++) right[i] = at(right, i) - at(total, i % size) / classes;
  return { matrix, right };
}

/** A ridge regression to the classes of labelled images. */
export interface RidgeFit {
  /** [classes, width + 1], the intercept last. */
  readonly coefficients: Matrix<'float64'>;
  /** The inverse of the Cholesky factor, [width + 1, width + 1]. */
  readonly inverse: Matrix<'float64'>;
}

/** Solves the ridge regression of a strength. @param size width of the space + 1 */
export async function fitRidge({ matrix, right }: ColumnProducts, size: number, ridge: number): Promise<RidgeFit> {
  const factor = Float64Array.from(matrix);
  addToDiagonal(factor, size, ridge);
  for (let row = 0; row < size; row++) factorizeRow(factor, size, row);
  const inverse = { values: invertFactor(factor, size), rows: size };
  const rows = right.length / size;
  const half = { values: await multiply64({ values: right, rows }, inverse, 'second'), rows };
  return { inverse, coefficients: { values: await multiply64(half, inverse), rows } };
}

/** Scores of images by class, float64 [rows, classes]. @param columns of `imageColumns` */
export function scoresOf(columns: Matrix<'float64'>, { coefficients }: RidgeFit): Promise<Float64Array> {
  return multiply64(columns, coefficients, 'second');
}

/** How much the score of each image, if it is fitted, depends on its own label, 0..1. @param columns of `imageColumns` */
export async function leveragesOf(columns: Matrix<'float64'>, { inverse }: RidgeFit): Promise<Float64Array> {
  if (columns.rows === 0) return new Float64Array();
  const { rows: size } = inverse;
  const halves = await multiply64(columns, inverse, 'second');
  const leverages = new Float64Array(columns.rows);
  for (let i = 0; i < halves.length; i++) {
    const row = Math.floor(i / size);
    leverages[row] = at(leverages, row) + at(halves, i) ** 2;
  }
  return leverages;
}

/** Turns the scores of a labelled image, in place, into those of the fit to all others. @param scores [classes] */
export function leaveOut(scores: Float64Array, label: number, leverage: number): void {
  for (let each = 0; each < scores.length; each++) {
    const target = (each === label ? 1 : 0) - 1 / scores.length;
    scores[each] = target - (target - at(scores, each)) / Math.max(1 - leverage, 1e-6);
  }
}
