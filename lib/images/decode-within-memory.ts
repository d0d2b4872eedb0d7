import { GraftError } from '../errors.ts';
import { decodeImage, type RgbImage } from './decode-image.ts';
import { createSemaphore } from './semaphore.ts';

type Limits = NonNullable<Parameters<typeof decodeImage>[1]>;

/** Sizes of images, each with the tokens that one takes while it is decoded. */
const SIZES = [
  { maxPixels: 4e6, tokens: 1 },
  { maxPixels: 12.5e6, tokens: 3 },
  { maxPixels: 25e6, tokens: 6 },
] as const;
/**
 * 50 million pixels at once in this process: one image of the largest size that is accepted, or four of a phone. The
 * worst, a progressive JPEG, takes 9 bytes a pixel, 450 MB in all.
 */
const TOKENS = 12;
const semaphore = createSemaphore(TOKENS);

/**
 * As `decodeImage`, but images wait for one another, so that those that are decoded at once do not fill the memory: a
 * file of 6 kB may have 50 million pixels. The size stands in the header, so an attempt with a lower limit costs next
 * to nothing.
 * @param use what to do with the image, before the next one may be decoded; it must keep none of the pixels
 * @throws as `decodeImage`
 */
export async function decodeWithinMemory<T>(bytes: Uint8Array, use: (image: RgbImage) => T, limits: Limits = {}): Promise<T> {
  const decode = async (changed: Limits) => {
    const image = await decodeImage(bytes, { ...limits, ...changed });
    try {
      return use(image);
    } finally {
      free(image);
    }
  };
  const { maxPixels: most = Number.POSITIVE_INFINITY } = limits;
  for (const { maxPixels, tokens } of SIZES) {
    if (maxPixels >= most) break;
    try {
      return await semaphore.run(tokens, () => decode({ maxPixels }));
    } catch (error) {
      if (!isTooLarge(error)) throw error;
    }
  }
  return semaphore.run(TOKENS, () => decode({}));
}

/** The garbage collector sees an object of a few bytes and lets 150 MB wait while the next image takes as much. */
function free({ data: { buffer, byteLength } }: RgbImage): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

function isTooLarge(error: unknown): boolean {
  return error instanceof GraftError && error.code === 'IMAGE_TOO_LARGE';
}
