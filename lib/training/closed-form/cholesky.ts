/** Systems of linear equations with a symmetric, positive definite matrix, in float64. */
import { at } from '../../arithmetic.ts';
import { factorizeRow, invertFactor } from './linear-algebra.ts';
import { type Matrix, multiply64 } from './matrix-products.ts';
import { packedSize } from './packed-gram.ts';

/** A matrix's Cholesky factor. */
export interface Cholesky {
  /**
   * Solves `matrix * X = right`.
   * @param right [size, columns]
   * @returns [size, columns]
   */
  solve(right: Float64Array): Promise<Float64Array>;
  /** Inverts the matrix, [size, size]. */
  invert(): Promise<Float64Array>;
}

/** Some columns of the factor. */
interface FactorBlock {
  readonly start: number;
  readonly columns: number;
  /** [columns, columns]: the inverse of the factor's block on the diagonal. */
  readonly inverse: Matrix<'float64'>;
  /** [rows, columns]: the factor below that block. */
  readonly below: Matrix<'float64'>;
}

/**
 * Factorizes a matrix, block column by block column (Golub & Van Loan, Matrix Computations, 4.2.9).
 * @param packed lower triangle of a positive definite matrix, packed row by row
 * @param yieldToEventLoop called before each block: the work grows with the third power of the size
 */
export async function factorizePacked(
  packed: Float64Array,
  size: number,
  yieldToEventLoop: () => Promise<void>,
): Promise<Cholesky> {
  const blocks: FactorBlock[] = [];
  const most = blockSize(size);
  for (let start = 0; start < size; start += most) {
    await yieldToEventLoop();
    const columns = Math.min(most, size - start);
    const panel = panelOf(packed, size, start, columns);
    await subtractBlocks(panel, start, columns, blocks);
    const diagonal = panel.values.slice(0, columns * columns);
    for (let row = 0; row < columns; row++) factorizeRow(diagonal, columns, row);
    const inverse = { values: invertFactor(diagonal, columns), rows: columns };
    const under = rowsFrom(panel, columns);
    const below = { values: under.rows === 0 ? under.values : await multiply64(under, inverse, 'second'), rows: under.rows };
    blocks.push({ start, columns, inverse, below });
  }
  const solve = (right: Float64Array) => substitute(blocks, { values: right, rows: size });
  return { solve, invert: () => solve(identity(size)) };
}

/**
 * Columns that are factorized at once. ONNX Runtime multiplies matrices far faster than JavaScript factorizes the block
 * on the diagonal: more columns leave less to it, fewer make its products many and small. Measured for 400 to 7,200
 * columns.
 */
function blockSize(size: number): number {
  return size <= 2000 ? 128 : 256;
}

/** Returns rows from `start` of some columns of the lower triangle, [size - start, columns]. */
function panelOf(packed: Float64Array, size: number, start: number, columns: number): Matrix<'float64'> {
  const values = new Float64Array((size - start) * columns);
  for (let row = start; row < size; row++) {
    const from = packedSize(row) + start;
    values.set(packed.subarray(from, from + Math.min(columns, row - start + 1)), (row - start) * columns);
  }
  return { values, rows: size - start };
}

/** Subtracts the products of the columns before, in place. */
async function subtractBlocks(
  panel: Matrix<'float64'>,
  start: number,
  columns: number,
  blocks: readonly FactorBlock[],
): Promise<void> {
  for (const { start: before, columns: own, below } of blocks) {
    const rows = rowsFrom(below, start - before - own);
    subtract(panel.values, await multiply64(rows, rowsFrom(rows, 0, columns), 'second'));
  }
}

/** @returns [size, columns of `right`] */
async function substitute(blocks: readonly FactorBlock[], right: Matrix<'float64'>): Promise<Float64Array> {
  const solution = { values: right.values.slice(), rows: right.rows };
  for (const { start, columns, inverse, below } of blocks) {
    const own = rowsFrom(solution, start, columns);
    own.values.set(await multiply64(inverse, own));
    if (below.rows > 0) subtract(rowsFrom(solution, start + columns).values, await multiply64(below, own));
  }
  for (const { start, columns, inverse, below } of blocks.toReversed()) {
    const own = rowsFrom(solution, start, columns);
    if (below.rows > 0) subtract(own.values, await multiply64(below, rowsFrom(solution, start + columns), 'first'));
    own.values.set(await multiply64(inverse, own, 'first'));
  }
  return solution.values;
}

/** Some rows of a matrix, which share its memory. */
function rowsFrom({ values, rows }: Matrix<'float64'>, first: number, count = rows - first): Matrix<'float64'> {
  const width = values.length / rows;
  return { values: values.subarray(first * width, (first + count) * width), rows: count };
}

/** Subtracts numbers, in place. */
function subtract(from: Float64Array, values: Float64Array): void {
  for (let i = 0; i < from.length; i++) from[i] = at(from, i) - at(values, i);
}

function identity(size: number): Float64Array {
  const values = new Float64Array(size * size);
  for (let row = 0; row < size; row++) values[row * (size + 1)] = 1;
  return values;
}
