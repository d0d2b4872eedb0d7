/** A thread behind `openAugmenter`: makes the variants that it is asked for, in the order in which they come. */
import { parentPort } from 'node:worker_threads';
import { augmentImage, variantStream } from './augment.ts';
import type { VariantAsked, VariantMade } from './augmenter.ts';

parentPort?.on('message', ({ pixels, size, augmentation, seed, image, variant }: VariantAsked) => {
  const made: VariantMade = augmentImage(pixels, size, augmentation, variantStream(seed, image, variant));
  parentPort?.postMessage(made, made.buffer instanceof ArrayBuffer ? [made.buffer] : []);
});
