import type { FeatureBlock } from './feature-block.ts';
import { gram } from './linear-algebra.ts';

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

/**
 * Prepares the kernel of standardized rows for any share of all blocks.
 * @param rows float32 [count, width]
 * @param breathe called between two blocks
 * @returns a function from a share to the kernel, [count, count], with a mean diagonal of 1
 */
export async function mixedKernels(
  rows: Float32Array,
  count: number,
  blocks: readonly FeatureBlock[],
  yieldToEventLoop: () => Promise<void>,
): Promise<(share: number) => Float64Array> {
  const top = topBlock(blocks);
  const all = new Float64Array(count * count);
  let ofTop: Float64Array = all;
  for (const block of blocks) {
    const products = gram(rows, count, block);
    for (let i = 0; i < products.length; i++) all[i] = (all[i] ?? 0) + (products[i] ?? 0);
    if (block === top) ofTop = products;
    await yieldToEventLoop();
  }
  return (share) => all.map((value, i) => (value * share) / blocks.length + (1 - share) * (ofTop[i] ?? 0));
}
