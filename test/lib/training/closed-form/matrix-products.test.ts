import { expect, test } from 'vitest';
import {
  gram,
  type Matrix,
  multiply,
  multiply64,
  standardizedGram,
  type Transposed,
} from '../../../../lib/training/closed-form/matrix-products.ts';

const matrixOf = (...rows: number[][]): Matrix => ({ values: Float32Array.from(rows.flat()), rows: rows.length });

test.each<[Transposed, Matrix, Matrix]>([
  ['neither', matrixOf([1, 2, 3], [4, 5, 6]), matrixOf([1, 0], [0, 1], [2, 2])],
  ['first', matrixOf([1, 4], [2, 5], [3, 6]), matrixOf([1, 0], [0, 1], [2, 2])],
  ['second', matrixOf([1, 2, 3], [4, 5, 6]), matrixOf([1, 0, 2], [0, 1, 2])],
])('a product with %s of the factors transposed', async (transposed, a, b) => {
  expect(await multiply(a, b, transposed)).toEqual(Float32Array.of(7, 8, 16, 17));
  const wide = ({ values, rows }: Matrix) => ({ values: Float64Array.from(values), rows });
  expect(await multiply64(wide(a), wide(b), transposed)).toEqual(Float64Array.of(7, 8, 16, 17));
});

test('factors of sizes that do not fit have no product', async () => {
  await expect(multiply(matrixOf([1, 2]), matrixOf([1, 2]))).rejects.toMatchObject({ code: 'ONNX_RUN_FAILED' });
});

test('the products of all pairs of rows, over all columns or some of them', async () => {
  const rows = Float32Array.of(1, 2, 3, 4, 5, 6);
  expect([...(await gram(rows, 2))]).toEqual([14, 32, 32, 77]);
  expect([...(await gram(rows, 2, { start: 1, size: 2 }))]).toEqual([13, 28, 28, 61]);
});

test('the products of all pairs of standardized rows', async () => {
  const standardization = { mean: Float64Array.of(1, 3), scale: Float64Array.of(2, 0.5) };
  const products = await standardizedGram(matrixOf([2, 5], [0, 7], [1, 3]), standardization);
  // The standardized rows are [2, 1], [-2, 2] and [0, 0].
  expect([...products]).toEqual([5, -2, 0, -2, 8, 0, 0, 0, 0]);
});
