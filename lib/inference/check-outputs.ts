import { at32, firstNotFinite } from '../arithmetic.ts';
import { DataError } from '../errors.ts';

/**
 * Checks what a served model has computed of a batch of images, which its backbone may have failed on.
 * @param outputs float32 [images, ...]
 * @param images name of each image
 * @throws DataError PREDICTION_NOT_FINITE
 */
export function checkOutputs(outputs: Float32Array, images: readonly string[]): void {
  const wrong = firstNotFinite(outputs);
  if (wrong < 0) return;
  throw new DataError('PREDICTION_NOT_FINITE', {
    at: images[Math.floor((wrong * images.length) / outputs.length)] ?? '',
    expected: 'finite numbers from the model',
    received: String(at32(outputs, wrong)),
    fix: 'leave the image out, or train with another backbone, or other weights for it',
  });
}
