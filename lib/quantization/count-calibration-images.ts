import { product } from '../arithmetic.ts';
import type { ImageSize } from '../images/resize-bilinear.ts';

/** Of the decoded images, which are in memory together. */
const MOST_BYTES = 2 ** 28;

/** Limits the number of calibration images of a size by their memory. @param wanted without that limit */
export function countCalibrationImages(wanted: number, size: ImageSize): number {
  const bytes = product(size) * 3 * Float32Array.BYTES_PER_ELEMENT;
  return Math.min(wanted, Math.max(1, Math.floor(MOST_BYTES / bytes)));
}
