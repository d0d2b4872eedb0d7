/** Worker thread of `openAugmenter`: makes the requested variants, in the order of the requests. */
import { parentPort } from 'node:worker_threads';
import { augmentImage, variantStream } from './augment.ts';
import type { VariantAsked, VariantMade } from './augmenter.ts';

parentPort?.on('message', ({ pixels, size, augmentation, seed, image, variant }: VariantAsked) => {
  const made: VariantMade = augmentImage(pixels, size, augmentation, variantStream(seed, image, variant));
  parentPort?.postMessage(made, made.buffer instanceof ArrayBuffer ? [made.buffer] : []);
});
