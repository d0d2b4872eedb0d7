import { at } from '../../arithmetic.ts';
import { type FeatureBlock, withoutGrids } from './feature-block.ts';
import { gram } from './matrix-products.ts';
import { packedSize } from './packed-gram.ts';
import { applyStandardization, columnMoments, type Standardization, standardize } from './standardize.ts';

/** How much each block counts. */
export interface BlockWeighting {
  /** Weight of all blocks alike, 0..1; the rest is the weight of the top block. */
  readonly share: number;
  /** Whether all blocks include the grids. */
  readonly withGrids: boolean;
}

/** Half the weight on the top, half on all blocks. */
export const EVEN_WEIGHTING: BlockWeighting = { share: 0.5, withGrids: false };

/**
 * Computes the weight of each block.
 * @returns [blocks]
 */
export function blockWeights(blocks: readonly FeatureBlock[], { share, withGrids }: BlockWeighting): number[] {
  const top = topBlock(blocks);
  const used = withGrids ? blocks : withoutGrids(blocks);
  return blocks.map((block) => (used.includes(block) ? share / used.length : 0) + (block === top ? 1 - share : 0));
}

/**
 * Returns the block named `top`, or else the last one.
 * @throws RangeError without blocks
 */
function topBlock(blocks: readonly FeatureBlock[]): FeatureBlock {
  const top = blocks.find(({ name }) => name === 'top') ?? blocks.at(-1);
  if (top === undefined) throw new RangeError('features without a block');
  return top;
}

/** Returns the blocks that any of some weightings uses, apart from the top that all may use. */
export function usedBlocks(blocks: readonly FeatureBlock[], weightings: readonly BlockWeighting[]): readonly FeatureBlock[] {
  return weightings.some(({ withGrids }) => withGrids) ? blocks : withoutGrids(blocks);
}

/**
 * Standardizes columns so that the product of two rows is their kernel under a weighting.
 * @param rows float32 [count, width], without grids
 * @param blocks of these rows
 */
export function weightedStandardization(
  rows: Float32Array,
  count: number,
  blocks: readonly FeatureBlock[],
  weighting: BlockWeighting,
): Standardization {
  const { mean, scale } = standardize(columnMoments(rows, count), blocks);
  for (const [index, weight] of blockWeights(blocks, weighting).entries()) {
    const { start = 0, size = 0 } = blocks[index] ?? {};
    for (let column = start; column < start + size; column++) scale[column] = at(scale, column) * Math.sqrt(weight);
  }
  return { mean, scale };
}

/**
 * The matrix of a ridge regression on a kernel: the lower triangle, packed row by row.
 * @param kernel [count, count]
 * @param roots [count]: factors of each row and the column of the same index, such as the roots of the rows' weights
 * @param ridge added to the diagonal
 */
export function packRidge(kernel: Float64Array, roots: Float64Array, ridge: number): Float64Array {
  const count = roots.length;
  const packed = new Float64Array(packedSize(count));
  for (let row = 0, i = 0; row < count; row++)
    for (let column = 0; column <= row; column++, i++)
      packed[i] = at(kernel, row * count + column) * at(roots, row) * at(roots, column) + (row === column ? ridge : 0);
  return packed;
}

/** Rows as a kernel method sees them. */
export interface KernelRows {
  readonly standardization: Standardization;
  /** Standardized, float32 [count, width]. */
  readonly rows: Float32Array;
  /** The kernel of weighted blocks, [count, count]: a mean diagonal of 1, plus 1 for the intercept. */
  kernelOf(weighting: BlockWeighting): Float64Array;
}

/**
 * Standardizes rows and multiplies all pairs of them, block by block.
 * @param inputs float32 [count, width]
 * @param options `yieldToEventLoop` is called between two blocks
 */
export async function openKernelRows(
  inputs: Float32Array,
  count: number,
  { blocks, yieldToEventLoop }: { readonly blocks: readonly FeatureBlock[]; readonly yieldToEventLoop: () => Promise<void> },
): Promise<KernelRows> {
  const standardization = standardize(columnMoments(inputs, count), blocks);
  const rows = applyStandardization(inputs, count, standardization);
  const top = topBlock(blocks);
  const means = new Float64Array(count * count);
  const grids = withoutGrids(blocks).length < blocks.length ? new Float64Array(count * count) : undefined;
  let ofTop: Float64Array = means;
  for (const block of blocks) {
    const products = await gram(rows, count, block);
    const total = block.isGrid && grids ? grids : means;
    for (let i = 0; i < products.length; i++) total[i] = at(total, i) + at(products, i);
    if (block === top) ofTop = products;
    await yieldToEventLoop();
  }
  return {
    standardization,
    rows,
    kernelOf({ share, withGrids }) {
      const added = withGrids ? grids : undefined;
      const used = withGrids ? blocks.length : withoutGrids(blocks).length;
      return means.map((value, i) => ((value + (added ? at(added, i) : 0)) * share) / used + (1 - share) * at(ofTop, i) + 1);
    },
  };
}
