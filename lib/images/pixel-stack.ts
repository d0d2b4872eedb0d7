/** Images of one size in one PNG, one below the other: the pixels of several model inputs in a file that one can look at. */
import { decodeImage } from './decode-image.ts';
import { encodePng } from './open-image.ts';
import type { ImageSize } from './resize-bilinear.ts';

/**
 * Encodes images as a PNG, without loss.
 * @param images whole numbers 0..255, [height, width, 3] each; at least one
 */
export function encodeStack(images: readonly Float32Array[], [height, width]: ImageSize): Promise<Uint8Array> {
  const data = new Uint8Array(images.length * height * width * 3);
  for (const [i, image] of images.entries()) data.set(image, i * height * width * 3);
  return encodePng({ width, height: height * images.length, data });
}

/**
 * Decodes such a PNG.
 * @param size of one image
 * @returns float32 [height, width, 3] each; none if the file holds images of another size
 * @throws DataError as decodeImage
 */
export async function decodeStack(png: Uint8Array, [height, width]: ImageSize): Promise<Float32Array[]> {
  const stack = await decodeImage(png);
  if (stack.width !== width || stack.height % height !== 0) return [];
  const size = height * width * 3;
  return Array.from({ length: stack.height / height }, (_, i) =>
    Float32Array.from(stack.data.subarray(i * size, (i + 1) * size)),
  );
}
