/** The only module of the product that imports sharp: every image goes through `openImage`. */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import sharp, { type Sharp } from 'sharp';
import type { RgbImage } from './rgb-image.ts';

export interface ImageLimits {
  /** Limit of width times height, checked in the header before anything is decoded. */
  readonly maxPixels: number;
  /**
   * Time limit for decoding, in whole seconds. libvips checks the clock between the parts of an image. An AVIF has only
   * one part; the limits on its pixels and bytes bound its time.
   */
  readonly maxSeconds: number;
}

/** A progressive JPEG of 50 million pixels, the slowest accepted image, takes 10 seconds on a busy core. */
export const defaultLimits: ImageLimits = { maxPixels: 50e6, maxSeconds: 20 };

/**
 * libvips's loaders for `acceptedFormats` (image-format.ts); a base class covers its variants for file, buffer and
 * stream.
 */
const loaders = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map((format) => `VipsForeignLoad${format}`);

/**
 * Restricts libvips to the accepted formats. libvips chooses a loader by its own tests of the bytes, and some loaders
 * do more than decode: SVG renders a program, which may run for minutes and read other files.
 */
function blockOtherLoaders(): void {
  // The setting applies to the whole process. Repeating it in a thread would block all loaders for a moment while other
  // threads decode.
  const isBlocked = 'graft: libvips loads accepted formats only';
  if (getEnvironmentData(isBlocked) === true) return;
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: loaders });
  setEnvironmentData(isBlocked, true);
}

blockOtherLoaders();
// Decoding images in parallel uses the cores better than parallel parts of one image. libvips's operation cache would
// only cost memory here.
sharp.concurrency(1);
sharp.cache(false);

/**
 * Opens an image for decoding within limits, with the EXIF orientation applied. Decoding fails on damaged images.
 * @param bytes JPEG, PNG, WebP, GIF, AVIF or TIFF; other formats fail
 */
export function openImage(bytes: Uint8Array, { maxPixels, maxSeconds }: ImageLimits): Sharp {
  return sharp(bytes, { autoOrient: true, failOn: 'warning', limitInputPixels: maxPixels }).timeout({ seconds: maxSeconds });
}

/** Reads width and height from the header, without any limit. */
export async function measureImage(bytes: Uint8Array): Promise<{ readonly width: number; readonly height: number }> {
  return sharp(bytes, { limitInputPixels: false }).metadata();
}

/**
 * Encodes an image as a JPEG.
 * @param image uint8 [height, width, 3], sRGB
 * @param quality 1..100
 */
export async function encodeJpeg({ width, height, data }: RgbImage, quality: number): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
}

/** Encodes an image as a PNG, without loss. @param image uint8 [height, width, 3], sRGB */
export async function encodePng({ width, height, data }: RgbImage): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

const THUMBNAIL_QUALITY = 70;

/**
 * Makes a small JPEG of an image, at most `side` pixels wide and high, on white.
 * @param bytes an image in a format that `decodeImage` accepts
 */
export async function thumbnail(bytes: Uint8Array, side: number): Promise<Uint8Array> {
  return openImage(bytes, defaultLimits)
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .jpeg({ quality: THUMBNAIL_QUALITY })
    .toBuffer();
}

/**
 * Draws over an image, reduced to at most `side` pixels a side, on white.
 * @param bytes an image in a format that `decodeImage` accepts
 * @param layer returns what to draw: uint8 [height, width, 4], sRGB and opacity
 */
export async function drawOver(
  bytes: Uint8Array,
  side: number,
  layer: (width: number, height: number) => Buffer,
  format: 'png' | 'jpeg',
): Promise<Uint8Array> {
  const { data, info } = await openImage(bytes, defaultLimits)
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const input = layer(width, height);
  const drawn = sharp(data, { raw: { width, height, channels } })
    .composite([{ input, raw: { width, height, channels: 4 } }])
    .removeAlpha();
  return (format === 'png' ? drawn.png() : drawn.jpeg({ quality: THUMBNAIL_QUALITY })).toBuffer();
}
