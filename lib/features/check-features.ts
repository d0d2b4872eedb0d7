import { firstNotFinite } from '../arithmetic.ts';
import { blobKey } from '../datasets/files/blob-key.ts';
import { DataError } from '../errors.ts';

/**
 * Checks what a trunk has computed of a batch of images. A backbone can fail on a single image: one that standardizes
 * each image by its own spread gives NaN for an image of one colour.
 * @param features float32 [images, ...features]
 * @param images SHA-256 of each image
 * @throws DataError FEATURES_NOT_FINITE
 */
export function checkFeatures(features: Float32Array, images: readonly string[]): void {
  const wrong = firstNotFinite(features);
  if (wrong < 0) return;
  throw new DataError('FEATURES_NOT_FINITE', {
    at: blobKey(images[Math.floor((wrong * images.length) / features.length)] ?? ''),
    expected: 'finite numbers from the backbone',
    received: String(features[wrong]),
    fix: 'leave the image out, or use another backbone, or other weights for it',
  });
}
