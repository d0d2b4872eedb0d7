/** Images of one size in one PNG, one below the other: the pixels of several model inputs in a file that one can look at. */
import sharp from 'sharp';
import type { ImageSize } from './resize-bilinear.ts';

/**
 * Encodes images as a PNG, without loss.
 * @param images whole numbers 0..255, [height, width, 3] each; at least one
 */
export async function encodeStack(images: readonly Float32Array[], [height, width]: ImageSize): Promise<Uint8Array> {
  const pixels = new Uint8Array(images.length * height * width * 3);
  for (const [i, image] of images.entries()) pixels.set(image, i * height * width * 3);
  return sharp(pixels, { raw: { width, height: height * images.length, channels: 3 } })
    .png()
    .toBuffer();
}

/**
 * Decodes such a PNG.
 * @param size of one image
 * @returns float32 [height, width, 3] each; none if the file holds images of another size
 */
export async function decodeStack(png: Uint8Array, [height, width]: ImageSize): Promise<Float32Array[]> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  if (info.width !== width || info.height % height !== 0 || info.channels !== 3) return [];
  const size = height * width * 3;
  return Array.from({ length: info.height / height }, (_, i) => Float32Array.from(data.subarray(i * size, (i + 1) * size)));
}
