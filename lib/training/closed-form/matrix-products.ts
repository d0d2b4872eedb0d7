/** Products of float32 matrices, row-major, in ONNX Runtime on all cores. */
import { type Computation, openComputation } from '../../onnx/computation.ts';
import { type Columns, gatherColumns } from '../examples.ts';

/** A matrix, float32 [rows, values.length / rows]. */
export interface Matrix {
  readonly values: Float32Array;
  readonly rows: number;
}

/** Which of two factors is transposed before they are multiplied. */
export type Transposed = 'neither' | 'first' | 'second';

/** A computation for each kind of product, open as long as the process. */
const products = new Map<Transposed, Promise<Computation<'product'>>>();

/**
 * Multiplies two matrices.
 * @returns float32, row-major
 * @throws RuntimeError ONNX_RUN_FAILED if their sizes do not fit each other
 */
export async function multiply(a: Matrix, b: Matrix, transposed: Transposed = 'neither'): Promise<Float32Array> {
  const opened = products.get(transposed) ?? openProduct(transposed);
  products.set(transposed, opened);
  opened.catch(() => products.delete(transposed));
  const { product } = await (await opened).run(
    new Map([
      ['a', tensorOf(a)],
      ['b', tensorOf(b)],
    ]),
  );
  return product;
}

/** A matrix as an input of a graph. */
export function tensorOf({ values, rows }: Matrix) {
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

function openProduct(transposed: Transposed): Promise<Computation<'product'>> {
  return openComputation({ a: [null, null], b: [null, null] }, (graph, { a, b }) => ({
    product: graph.add('Gemm', [a, b], {
      transA: Number(transposed === 'first'),
      transB: Number(transposed === 'second'),
    }),
  }));
}
