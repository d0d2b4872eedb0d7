import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { at, sum } from '../../arithmetic.ts';
import type { RandomStream } from '../../random.ts';
import { dot } from '../closed-form/linear-algebra.ts';
import { multiply, multiply64 } from '../closed-form/matrix-products.ts';

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
  /** The rows it was fitted to, by their index in the products. */
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
export async function fitSubspace(
  of: RowProducts,
  rows: readonly number[],
  rank: number,
  stream: RandomStream,
): Promise<PrincipalSubspace> {
  const size = rows.length;
  const centred = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const from = (rows[i] ?? 0) * of.count;
    for (let j = 0; j < size; j++) centred[i * size + j] = at(of.products, from + (rows[j] ?? 0));
  }
  const means = Float64Array.from({ length: size }, (_, i) => sum(centred.subarray(i * size, (i + 1) * size)) / size);
  const mean = sum(means) / size;
  for (let i = 0; i < size; i++) {
    const level = at(means, i) - mean;
    for (let j = 0; j < size; j++) centred[i * size + j] = at(centred, i * size + j) - level - at(means, j);
  }
  const directions = await principalDirections(centred, size, Math.min(rank, size), stream);
  return { rows, means, mean, directions };
}

/**
 * Computes the squared distance of rows from a subspace: the error of their reconstruction from it.
 * @param rows by their index in the products
 */
export function distancesFrom(subspace: PrincipalSubspace, { products, count }: RowProducts, rows: readonly number[]): number[] {
  const { rows: own, means, mean, directions } = subspace;
  return rows.map((row) => {
    const shared = new Float64Array(own.length);
    for (const [i, other] of own.entries()) shared[i] = at(products, row * count + other);
    const level = sum(shared) / own.length;
    const length = at(products, row * (count + 1)) - 2 * level + mean;
    const centred = shared.map((value, i) => value - level - at(means, i) + mean);
    return Math.max(0, length - sum(directions.map((direction) => dot(direction, centred) ** 2)));
  });
}

async function principalDirections(
  centred: Float64Array,
  size: number,
  rank: number,
  stream: RandomStream,
): Promise<Float64Array[]> {
  const trace = sum(Float64Array.from({ length: size }, (_, i) => at(centred, i * (size + 1))));
  if (trace <= 0) return [];
  const drawn = Math.min(size, rank + MORE_DIRECTIONS);
  const kernel = { values: Float32Array.from(centred), rows: size };
  /** Multiplies each row by the kernel, which is symmetric. */
  const times = async (rows: Float64Array): Promise<Float64Array> =>
    Float64Array.from(await multiply({ values: Float32Array.from(rows), rows: drawn }, kernel));
  let basis: Float64Array = Float64Array.from({ length: drawn * size }, () => stream.next() - 0.5);
  for (let step = 0; step < POWER_STEPS; step++) basis = orthonormalize(await times(basis), drawn);
  const rows = (values: Float64Array) => ({ values, rows: drawn });
  const inside = await multiply64(rows(basis), rows(await times(basis)), 'second');
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(Matrix.from1DArray(drawn, drawn, inside), {
    assumeSymmetric: true,
  });
  const vectors = await multiply64(rows(Float64Array.from(eigenvectorMatrix.to1DArray())), rows(basis), 'first');
  return [...realEigenvalues.entries()]
    .sort(([, a], [, b]) => b - a)
    .slice(0, rank)
    .filter(([, value]) => value > LEAST_SHARE * trace)
    .map(([row, value]) => vectors.subarray(row * size, (row + 1) * size).map((entry) => entry / Math.sqrt(value)));
}

/**
 * Makes rows orthonormal, in place, by the Gram-Schmidt process. The second pass removes what rounding has left in the
 * first (Giraud, Langou & Rozloznik, 2005).
 */
function orthonormalize(rows: Float64Array, count: number): Float64Array {
  const size = rows.length / count;
  for (let row = 0; row < count; row++) {
    const own = rows.subarray(row * size, (row + 1) * size);
    for (let pass = 0; pass < 2; pass++) {
      for (let from = 0; from < row * size; from += size) {
        const share = dot(own, rows, size, 0, from);
        for (let i = 0; i < size; i++) own[i] = at(own, i) - share * at(rows, from + i);
      }
    }
    const length = Math.sqrt(dot(own, own));
    for (let i = 0; i < size; i++) own[i] = length > 0 ? at(own, i) / length : 0;
  }
  return rows;
}
