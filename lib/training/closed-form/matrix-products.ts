/** Products of matrices, row-major, in ONNX Runtime on all cores. */
import { type Computation, openComputation } from '../../onnx/computation.ts';
import type { FloatArray, FloatType } from '../../onnx/tensor-session.ts';
import { openOnce } from '../../open-once.ts';
import { type Columns, gatherColumns } from '../examples.ts';
import type { Standardization } from './standardize.ts';

/** A matrix, [rows, values.length / rows]. */
export interface Matrix<Type extends FloatType = 'float32'> {
  readonly values: FloatArray<Type>;
  readonly rows: number;
}

/** Which of two factors is transposed before they are multiplied. */
export type Transposed = 'neither' | 'first' | 'second';

/** A computation for each kind of product, open as long as the process. */
const products = { float32: openedProducts('float32'), float64: openedProducts('float64') };

/**
 * Multiplies two matrices.
 * @returns float32, row-major
 * @throws RuntimeError ONNX_RUN_FAILED if their sizes do not fit each other
 */
export function multiply(a: Matrix, b: Matrix, transposed: Transposed = 'neither'): Promise<Float32Array> {
  return products.float32(a, b, transposed);
}

/** Multiplies two matrices, as `multiply` does, in float64. */
export function multiply64(
  a: Matrix<'float64'>,
  b: Matrix<'float64'>,
  transposed: Transposed = 'neither',
): Promise<Float64Array> {
  return products.float64(a, b, transposed);
}

/** A matrix as an input of a graph. */
export function matrixInput<Type extends FloatType = 'float32'>({ values, rows }: Matrix<Type>) {
  return { data: values, dims: [rows, values.length / rows] };
}

/**
 * Multiplies all pairs of rows: most of the work of a fit.
 * @param rows float32 [count, width]
 * @param columns to use; default: all
 * @returns float64 [count, count] of float32 sums
 */
export async function gram(rows: Float32Array, count: number, columns?: Columns): Promise<Float64Array> {
  const some = { values: columns === undefined ? rows : gatherColumns(rows, rows.length / count, columns), rows: count };
  return Float64Array.from(await multiply(some, some, 'second'));
}

/** A computation, open as long as the process. */
const standardizedProducts = openOnce(() =>
  openComputation({ rows: [null, null], mean: [null], scale: [null] }, (graph, { rows, mean, scale }) => {
    const standardized = graph.add('Mul', [graph.add('Sub', [rows, mean]), scale]);
    return { product: graph.add('Gemm', [standardized, standardized], { transB: 1 }) };
  }),
);

/**
 * Standardizes rows in float32, and multiplies all pairs of them.
 * @param rows [count, width]
 * @returns float64 [count, count] of float32 sums
 */
export async function standardizedGram(rows: Matrix, { mean, scale }: Standardization): Promise<Float64Array> {
  const { product } = await (await standardizedProducts.get()).run(
    new Map([
      ['rows', matrixInput(rows)],
      ['mean', { data: new Float32Array(mean), dims: [mean.length] }],
      ['scale', { data: new Float32Array(scale), dims: [scale.length] }],
    ]),
  );
  return new Float64Array(product);
}

function openedProducts<Type extends FloatType>(type: Type) {
  const opened = {
    neither: openOnce(() => openProduct(type, 'neither')),
    first: openOnce(() => openProduct(type, 'first')),
    second: openOnce(() => openProduct(type, 'second')),
  };
  return async (a: Matrix<Type>, b: Matrix<Type>, transposed: Transposed): Promise<FloatArray<Type>> => {
    const { product } = await (await opened[transposed].get()).run(
      new Map([
        ['a', matrixInput(a)],
        ['b', matrixInput(b)],
      ]),
    );
    return product;
  };
}

function openProduct<Type extends FloatType>(type: Type, transposed: Transposed): Promise<Computation<'product', Type>> {
  const attributes = { transA: Number(transposed === 'first'), transB: Number(transposed === 'second') };
  return openComputation(
    { a: [null, null], b: [null, null] },
    (graph, { a, b }) => ({ product: graph.add('Gemm', [a, b], attributes) }),
    { type },
  );
}
