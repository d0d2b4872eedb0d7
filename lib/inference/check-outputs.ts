import { at32 } from '../arithmetic.ts';
import { DataError } from '../errors.ts';

/**
 * Checks what a served model has computed of a batch of images. A model can fail on a single image: one that
 * standardizes each image by its own spread gives NaN for an image of one colour.
 * @param outputs float32 [images, ...]
 * @param images name of each image
 * @throws DataError PREDICTION_NOT_FINITE
 */
export function checkOutputs(outputs: Float32Array, images: readonly string[]): void {
  const wrong = outputs.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return;
  throw new DataError('PREDICTION_NOT_FINITE', {
    at: images[Math.floor((wrong * images.length) / outputs.length)] ?? '',
    expected: 'finite numbers from the model',
    received: String(at32(outputs, wrong)),
    fix: 'leave the image out, or train with another backbone, or other weights for it',
  });
}
