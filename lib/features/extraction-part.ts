import { type ExtractionOptions, extractListed, findMissing } from './extract-features.ts';
import { SHARD_IMAGES, shardImages } from './feature-shard.ts';
import { indexImages } from './index-images.ts';
import type { Trunk } from './trunk.ts';

/** The part of one of several machines that share an extraction. */
export interface ExtractionPart {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/**
 * Returns the images of a part: a run of whole shards, so that the parts write the same objects that one machine would.
 * @param sorted all images, without duplicates, in order
 * @param ofShard images of a shard
 */
export function imagesOfPart(sorted: readonly string[], part: ExtractionPart, ofShard: number = SHARD_IMAGES): readonly string[] {
  const { from, to } = shardsOfPart(Math.ceil(sorted.length / ofShard), part);
  return sorted.slice(from * ofShard, to * ofShard);
}

/** The shards [from, to) of a part. @param shards number of all shards */
export function shardsOfPart(shards: number, { index, count }: ExtractionPart): { readonly from: number; readonly to: number } {
  return { from: Math.floor((shards * index) / count), to: Math.floor((shards * (index + 1)) / count) };
}

/**
 * Extracts one part. The training finds the features of all parts in the store.
 * @param images SHA-256 of each image of all parts
 * @returns the numbers of images of this part whose features were stored, and that were computed
 * @throws as `extractFeatures`
 */
export async function extractPart(
  trunk: Trunk,
  images: readonly string[],
  part: ExtractionPart,
  options: ExtractionOptions,
): Promise<{ readonly cached: number; readonly decoded: number }> {
  const sorted = [...new Set(images)].sort();
  const own = new Set(imagesOfPart(sorted, part, shardImages(trunk.featureShape)));
  // Of all parts, so that they agree on whether another kind of processor has stored all features.
  const missing = (await findMissing(trunk, indexImages(sorted), options.store)).filter((image) => own.has(image));
  const { decoded } = await extractListed(trunk, missing, { ...options, mayStart: () => true });
  return { cached: own.size - decoded, decoded };
}
