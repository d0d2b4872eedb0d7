import type { RandomStream } from '../../random.ts';
import type { ImageSize } from '../resize-bilinear.ts';
import type { Box } from './crop.ts';

/** Evenly between two numbers. */
export function uniform({ next }: RandomStream, low: number, high: number): number {
  return low + (high - low) * next();
}

/** A number up to `factor`, of either sign. */
export function uniformAroundZero(stream: RandomStream, factor: number): number {
  return uniform(stream, -factor, factor);
}

/** A box somewhere in the image, of a share of its area and a ratio of width to height, neither side longer than the image's. */
export function randomBox(
  stream: RandomStream,
  [height, width]: ImageSize,
  { area, aspectRatio }: { readonly area: readonly [number, number]; readonly aspectRatio: readonly [number, number] },
): Box {
  const pixels = uniform(stream, ...area) * height * width;
  // As many boxes are twice as wide as high as are twice as high as wide.
  const ratio = Math.exp(uniform(stream, Math.log(aspectRatio[0]), Math.log(aspectRatio[1])));
  const size = { width: Math.min(Math.sqrt(pixels * ratio), width), height: Math.min(Math.sqrt(pixels / ratio), height) };
  return { ...size, left: uniform(stream, 0, width - size.width), top: uniform(stream, 0, height - size.height) };
}
