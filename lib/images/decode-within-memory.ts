import { GraftError } from '../errors.ts';
import { decodeImage } from './decode-image.ts';
import type { RgbImage } from './rgb-image.ts';
import { createSemaphore } from './semaphore.ts';

/** Image sizes, each with the number of tokens that decoding takes. */
const SIZES = [
  { maxPixels: 4e6, tokens: 1 },
  { maxPixels: 12.5e6, tokens: 3 },
  { maxPixels: 25e6, tokens: 6 },
] as const;
/**
 * Allows 50 million pixels at once in this process: one image of the largest accepted size, or four from a phone. The
 * worst case, a progressive JPEG, takes 9 bytes per pixel, 450 MB in all.
 */
const TOKENS = 12;
const semaphore = createSemaphore(TOKENS);

/**
 * Decodes an image as `decodeImage` does, but waits for other images, so that concurrent decoding does not exhaust the
 * memory: a file of 6 kB may have 50 million pixels. The header contains the size, so an attempt with a lower limit
 * costs almost nothing.
 * @param use called with the image before the next one may be decoded; must not keep the pixels
 * @throws as `decodeImage`
 */
export async function decodeWithinMemory<T>(bytes: Uint8Array, use: (image: RgbImage) => T): Promise<T> {
  const decode = async (limits?: { readonly maxPixels: number }) => {
    const image = await decodeImage(bytes, limits);
    try {
      return use(image);
    } finally {
      free(image);
    }
  };
  for (const { maxPixels, tokens } of SIZES) {
    try {
      return await semaphore.run(tokens, () => decode({ maxPixels }));
    } catch (error) {
      if (!isTooLarge(error)) throw error;
    }
  }
  return semaphore.run(TOKENS, () => decode());
}

/**
 * Frees the pixels at once. The garbage collector sees an object of a few bytes and would keep 150 MB while the next
 * image takes as much.
 */
function free({ data: { buffer, byteLength } }: RgbImage): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

function isTooLarge(error: unknown): boolean {
  return error instanceof GraftError && error.code === 'IMAGE_TOO_LARGE';
}
