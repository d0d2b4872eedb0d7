/** The only module of the product that imports sharp: every image passes through `openImage`. */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import sharp, { type Sharp } from 'sharp';
import type { RgbImage } from './decode-image.ts';

export interface ImageLimits {
  /** Width times height, read from the header before anything is decoded. */
  readonly maxPixels: number;
  /**
   * Whole seconds that decoding may take. libvips looks at the clock between the parts of an image. An AVIF has one
   * part: its size in pixels and bytes limits its time.
   */
  readonly maxSeconds: number;
}

/** 50 million pixels of a progressive JPEG, the slowest that is accepted, take 10 seconds of a busy core. */
export const defaultLimits: ImageLimits = { maxPixels: 50e6, maxSeconds: 20 };

/** libvips's loaders of `acceptedFormats` (image-format.ts); a base class stands for its variants of file, buffer and stream. */
const loaders = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map((format) => `VipsForeignLoad${format}`);

/**
 * Lets libvips load the accepted formats and nothing else. It chooses a loader by its own tests of the bytes, not by
 * ours, and some loaders do more than decode: SVG renders a program, which may take minutes and read other files.
 */
function blockOtherLoaders(): void {
  // The setting is the process's. A thread that repeated it would block all loaders for a moment, while other threads decode.
  const isBlocked = 'graft: libvips loads accepted formats only';
  if (getEnvironmentData(isBlocked) === true) return;
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: loaders });
  setEnvironmentData(isBlocked, true);
}

blockOtherLoaders();
// Parallel images use the cores better than parallel parts of one image, and libvips's operation cache only costs memory here.
sharp.concurrency(1);
sharp.cache(false);

/**
 * An image to be decoded within limits, EXIF orientation applied; whatever is damaged fails.
 * @param bytes JPEG, PNG, WebP, GIF, AVIF or TIFF; anything else fails
 */
export function openImage(bytes: Uint8Array, { maxPixels, maxSeconds }: ImageLimits): Sharp {
  return sharp(bytes, { autoOrient: true, failOn: 'warning', limitInputPixels: maxPixels }).timeout({ seconds: maxSeconds });
}

/** Width and height as the header has them, whatever they are. */
export async function measureImage(bytes: Uint8Array): Promise<{ readonly width: number; readonly height: number }> {
  return sharp(bytes, { limitInputPixels: false }).metadata();
}

/** @param image uint8 [height, width, 3], sRGB @param quality 1..100 */
export async function encodeJpeg({ width, height, data }: RgbImage, quality: number): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
}

/** A small JPEG of an image, at most `side` pixels wide and high, on white. @param bytes of an image that `decodeImage` takes */
export async function thumbnail(bytes: Uint8Array, side: number): Promise<Uint8Array> {
  return openImage(bytes, defaultLimits)
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .jpeg({ quality: 70 })
    .toBuffer();
}
