import * as tf from '@tensorflow/tfjs-core';
import { EigenvalueDecomposition, Matrix, QrDecomposition } from 'ml-matrix';
import { at, sum } from '../../arithmetic.ts';
import type { RandomStream } from '../../random.ts';

/** Directions drawn in addition to those wanted, and multiplications by the kernel. More of them change no digit that counts. */
const MORE_DIRECTIONS = 8;
const POWER_STEPS = 3;
/** Directions with less than this share of the variance are rounding errors. */
const LEAST_SHARE = 1e-6;

/** Inner products of all pairs of rows, float64 [count, count]. */
export interface RowProducts {
  readonly products: Float64Array;
  readonly count: number;
}

/** The directions in which some rows vary most, in terms of these rows. */
export interface PrincipalSubspace {
  /** The rows it was fitted to, by their place in the products. */
  readonly rows: readonly number[];
  /** [rows]: mean product of each row with all of them; and the mean of these. */
  readonly means: Float64Array;
  readonly mean: number;
  /** [directions][rows]: coefficients of the centred rows that give a direction of length 1. */
  readonly directions: readonly Float64Array[];
}

/**
 * Finds the principal directions of some rows by randomized subspace iteration on the products of centred rows (Halko,
 * Martinsson & Tropp, arXiv:0909.4061), which is far faster than an eigendecomposition.
 * @param rank the most directions
 * @returns fewer directions if the rows vary in fewer; none if all rows are equal
 */
export function fitSubspace(of: RowProducts, rows: readonly number[], rank: number, stream: RandomStream): PrincipalSubspace {
  const size = rows.length;
  const values = new Float64Array(size * size);
  for (const [i, row] of rows.entries())
    for (const [j, other] of rows.entries()) values[i * size + j] = at(of.products, row * of.count + other);
  const means = Float64Array.from({ length: size }, (_, i) => sum(values.subarray(i * size, (i + 1) * size)) / size);
  const mean = sum(means) / size;
  const centred = values.map((value, i) => value - at(means, Math.floor(i / size)) - at(means, i % size) + mean);
  const directions = principalDirections(centred, size, Math.min(rank, size), stream);
  return { rows, means, mean, directions };
}

/**
 * Computes the squared distance of rows from a subspace: the error of their reconstruction from it.
 * @param rows by their place in the products
 */
export function distancesFrom(subspace: PrincipalSubspace, { products, count }: RowProducts, rows: readonly number[]): number[] {
  const { rows: own, means, mean, directions } = subspace;
  return rows.map((row) => {
    const shared = Float64Array.from(own, (other) => at(products, row * count + other));
    const level = sum(shared) / own.length;
    const length = at(products, row * (count + 1)) - 2 * level + mean;
    const centred = shared.map((value, i) => value - level - at(means, i) + mean);
    return Math.max(0, length - sum(directions.map((direction) => inner(direction, centred) ** 2)));
  });
}

function inner(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += at(a, i) * at(b, i);
  return total;
}

function principalDirections(centred: Float64Array, size: number, rank: number, stream: RandomStream): Float64Array[] {
  const trace = sum(Float64Array.from({ length: size }, (_, i) => at(centred, i * (size + 1))));
  if (trace <= 0) return [];
  const drawn = Math.min(size, rank + MORE_DIRECTIONS);
  const kernel = tf.tensor2d(Float32Array.from(centred), [size, size]);
  const times = (some: Matrix): Matrix => {
    const product = tf.tidy(() => tf.matMul(kernel, tf.tensor2d(Float32Array.from(some.to1DArray()), [size, some.columns])));
    const values = product.dataSync<'float32'>();
    product.dispose();
    return Matrix.from1DArray(size, some.columns, values);
  };
  let basis = new Matrix(Array.from({ length: size }, () => Array.from({ length: drawn }, () => stream.next() - 0.5)));
  for (let step = 0; step < POWER_STEPS; step++) basis = new QrDecomposition(times(basis)).orthogonalMatrix;
  const inside = basis.transpose().mmul(times(basis));
  kernel.dispose();
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(inside, { assumeSymmetric: true });
  const vectors = basis.mmul(eigenvectorMatrix);
  return [...realEigenvalues.entries()]
    .sort(([, a], [, b]) => b - a)
    .slice(0, rank)
    .filter(([, value]) => value > LEAST_SHARE * trace)
    .map(([column, value]) => Float64Array.from(vectors.getColumn(column), (entry) => entry / Math.sqrt(value)));
}
