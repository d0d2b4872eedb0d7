import type { FeatureBlock } from './feature-block.ts';
import { gram } from './linear-algebra.ts';
import { applyStandardization, columnMoments, type Standardization, standardize } from './standardize.ts';

/**
 * Computes the weight of each block: all blocks equally with `share`, and the top block of the backbone with the rest.
 * @param share 0..1
 * @returns [blocks]
 */
export function blockWeights(blocks: readonly FeatureBlock[], share: number): number[] {
  const top = topBlock(blocks);
  return blocks.map((block) => share / blocks.length + (block === top ? 1 - share : 0));
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

/** Rows as a kernel method sees them. */
export interface KernelRows {
  readonly standardization: Standardization;
  /** Standardized, float32 [count, width]. */
  readonly rows: Float32Array;
  /**
   * The kernel for a share of all blocks, [count, count]: a mean diagonal of 1, plus 1 for the intercept.
   * @param share 0..1
   */
  kernelOf(share: number): Float64Array;
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
  const all = new Float64Array(count * count);
  let ofTop: Float64Array = all;
  for (const block of blocks) {
    const products = gram(rows, count, block);
    for (let i = 0; i < products.length; i++) all[i] = (all[i] ?? 0) + (products[i] ?? 0);
    if (block === top) ofTop = products;
    await yieldToEventLoop();
  }
  return {
    standardization,
    rows,
    kernelOf: (share) => all.map((value, i) => (value * share) / blocks.length + (1 - share) * (ofTop[i] ?? 0) + 1),
  };
}
