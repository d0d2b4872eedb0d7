import { at, at32 } from '../../arithmetic.ts';
import { gatherColumns } from '../examples.ts';
import { multiply } from './matrix-products.ts';

/** Rows of the result that one product computes: the part of it above the diagonal is computed in vain. */
const PANEL = 512;
/** Rows whose products are summed in float32: the error of a sum grows with their number, and the speed too. */
const ROWS_IN_FLOAT32 = 128;

/** Returns the number of elements of a symmetric matrix's lower triangle, with the diagonal, packed row by row. */
export function packedSize(width: number): number {
  return (width * (width + 1)) / 2;
}

/**
 * Adds the products of all pairs of columns to a packed lower triangle. They are summed over a few rows in float32: most
 * of the work of the sums.
 * @param rows float32 [count, width] @param factors [width]: a product is multiplied by those of both columns
 * @param packed float64 [width * (width + 1) / 2]
 */
export async function addGram(rows: Float32Array, factors: Float64Array, packed: Float64Array): Promise<void> {
  const size = factors.length * ROWS_IN_FLOAT32;
  for (let start = 0; start < rows.length; start += size) {
    await addProducts(rows.subarray(start, start + size), factors, packed);
  }
}

async function addProducts(rows: Float32Array, factors: Float64Array, packed: Float64Array): Promise<void> {
  const width = factors.length;
  const count = rows.length / width;
  const columns = (start: number, size: number) => ({ values: gatherColumns(rows, width, { start, size }), rows: count });
  for (let start = 0; start < width; start += PANEL) {
    const end = Math.min(start + PANEL, width);
    const products = await multiply(columns(start, end - start), columns(0, end), 'first');
    for (let row = start; row < end; row++) {
      const factor = at(factors, row);
      for (let column = 0, from = (row - start) * end, to = packedSize(row); column <= row; column++, from++, to++)
        packed[to] = at(packed, to) + at32(products, from) * factor * at(factors, column);
    }
  }
}
