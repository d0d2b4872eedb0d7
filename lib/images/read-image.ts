import { decodeImage } from './decode-image.ts';
import type { ImageLimits } from './open-image.ts';
import { type ImageSize, resizeBilinear } from './resize-bilinear.ts';

/**
 * An image file as a backbone sees it before its own preprocessing.
 * @returns float32 [height, width, 3], RGB 0..255
 * @throws DataError as `decodeImage`
 */
export async function readImage(bytes: Uint8Array, inputSize: ImageSize, limits?: Partial<ImageLimits>): Promise<Float32Array> {
  return resizeBilinear(await decodeImage(bytes, limits), inputSize);
}
