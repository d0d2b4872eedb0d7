import { messageOf } from '../contracts/errors/message-of.ts';
import { CapacityError, DataError, type GraftError } from '../errors.ts';
import { acceptedFormats, imageFormat } from './image-format.ts';
import { defaultLimits, type ImageLimits, measureImage, openImage } from './open-image.ts';
import type { RgbImage } from './rgb-image.ts';

/** Background for transparent pixels: white, like the pages that such images are made for. */
const background = '#ffffff';

/**
 * Decodes JPEG, PNG, WebP, AVIF, or the first frame or page of GIF and TIFF, to 8-bit sRGB. Detects the format by
 * content. Applies the EXIF orientation, puts transparent images on white, and converts embedded colour profiles, gray,
 * CMYK and 16 bits to sRGB. Rejects images that decode only in part.
 * @throws DataError IMAGE_EMPTY, IMAGE_FORMAT_UNSUPPORTED, IMAGE_TOO_LARGE, IMAGE_TRUNCATED, IMAGE_UNREADABLE,
 *   IMAGE_DECODE_TIMEOUT; CapacityError MEMORY_EXHAUSTED, which does not mean that the image is bad
 */
export async function decodeImage(bytes: Uint8Array, changedLimits: Partial<ImageLimits> = {}): Promise<RgbImage> {
  const limits = { ...defaultLimits, ...changedLimits };
  const format = imageFormat(bytes);
  if (bytes.length === 0) {
    throw new DataError('IMAGE_EMPTY', { expected: 'an image', received: '0 bytes', fix: 'export or copy the file again' });
  }
  if (!format.accepted) {
    const fix = 'convert it, or leave it out';
    throw new DataError('IMAGE_FORMAT_UNSUPPORTED', { expected: acceptedFormats, received: format.name, fix });
  }
  try {
    const { data, info } = await openImage(bytes, limits)
      .flatten({ background })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`the decoder gave ${info.channels} channels`);
    return { width: info.width, height: info.height, data };
  } catch (error) {
    throw await decodeError(error, bytes, format.name, limits);
  }
}

const JPEG_END = Buffer.from([0xff, 0xd9]);
const JPEG_SCAN = Buffer.from([0xff, 0xda]);

/** Converts an error of the decoder to a Graft error. */
async function decodeError(error: unknown, bytes: Uint8Array, format: string, limits: ImageLimits): Promise<GraftError> {
  const errorText = messageOf(error);
  if (errorText.includes('exceeds pixel limit')) {
    const { width, height } = await measureImage(bytes);
    const expected = `at most ${limits.maxPixels / 1e6} million pixels`;
    return new DataError('IMAGE_TOO_LARGE', { expected, received: `${width} x ${height}`, fix: 'make it smaller', cause: error });
  }
  if (/^timeout: /m.test(errorText)) {
    const expected = `an image that is decoded within ${limits.maxSeconds} seconds`;
    const received = `${bytes.length} bytes of ${format} that take longer`;
    return new DataError('IMAGE_DECODE_TIMEOUT', { expected, received, fix: 'make it smaller', cause: error });
  }
  if (/out of memory/i.test(errorText))
    return new CapacityError('MEMORY_EXHAUSTED', { received: errorText, retryable: true, cause: error });
  const code = isCutShort(bytes, format, errorText) ? 'IMAGE_TRUNCATED' : 'IMAGE_UNREADABLE';
  const [firstLine = errorText] = errorText.split('\n');
  const received = `${bytes.length} bytes of ${format} (${firstLine})`;
  return new DataError(code, { expected: 'a complete image', received, fix: 'export or copy the file again', cause: error });
}

/**
 * Tells whether bytes are missing at the end. Looks for the format's end marker if it has one, else reads the decoder's
 * message, which may concern another image that is decoded at the same time.
 */
function isCutShort(bytes: Uint8Array, format: string, message: string): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (format === 'PNG') return !file.includes('IEND');
  if (format === 'WebP') return file.length >= 8 && file.readUInt32LE(4) + 8 > file.length;
  // The marker may end a JPEG or a thumbnail inside it. Only a marker after the last scan ends the image.
  if (format === 'JPEG') return !file.includes(JPEG_END) || file.lastIndexOf(JPEG_END) < file.lastIndexOf(JPEG_SCAN);
  return /unexpected end/i.test(message);
}
