export * from '../../../../lib/features/feature-shard.ts';

export const SHARD_IMAGES = 4;
export const IMAGES_OF_PART = 2 * SHARD_IMAGES;
export const shardImages = (): number => SHARD_IMAGES;
