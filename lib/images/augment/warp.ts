import type { ImageSize } from '../resize-bilinear.ts';
import type { Fill } from './change.ts';
import type { AffineMap } from './geometric.ts';

/**
 * Moves an image's pixels with bilinear interpolation, as Keras's `ops.image.affine_transform` does. Beyond its edges
 * the image is mirrored (`d c b a | a b c d | d c b a`) or black.
 * @param pixels float32 [height, width, 3]
 * @returns float32 [height, width, 3], in new memory
 */
export function warp(pixels: Float32Array, [height, width]: ImageSize, map: AffineMap, fill: Fill): Float32Array {
  const [a, b, c, d, e, f] = map;
  const target = new Float32Array(pixels.length);
  const beyond = fill === 'reflect' ? mirrored : edge;
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      let left = a * x + b * y + c;
      let top = d * x + e * y + f;
      if (!(left >= 0 && left <= width - 1 && top >= 0 && top <= height - 1)) {
        // Black blends with the border: more than a pixel outside the image, everything is black.
        const share = fill === 'reflect' ? 1 : within(left, width) * within(top, height);
        if (share === 0) continue;
        left = beyond(left, width);
        top = beyond(top, height);
        sample(pixels, width, height, left, top, target, at);
        if (share !== 1) for (let channel = at; channel < at + 3; channel++) target[channel] = (target[channel] ?? 0) * share;
        continue;
      }
      sample(pixels, width, height, left, top, target, at);
    }
  }
  return target;
}

/** Interpolates between four pixels, for each channel. */
function sample(
  pixels: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  target: Float32Array,
  at: number,
): void {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const across = x - left;
  const down = y - top;
  const right = left + 1 < width ? 3 : 0;
  const above = (top * width + left) * 3;
  const below = top + 1 < height ? above + width * 3 : above;
  for (let channel = 0; channel < 3; channel++) {
    const upper = mix(pixels[above + channel] ?? 0, pixels[above + right + channel] ?? 0, across);
    const lower = mix(pixels[below + channel] ?? 0, pixels[below + right + channel] ?? 0, across);
    target[at + channel] = mix(upper, lower, down);
  }
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

/** Returns the coordinate mirrored at the outer edges of the first and last pixel. */
function mirrored(coordinate: number, length: number): number {
  const folded = coordinate + 0.5 - 2 * length * Math.floor((coordinate + 0.5) / (2 * length));
  const inside = (folded < length ? folded : 2 * length - folded) - 0.5;
  return Math.min(Math.max(inside, 0), length - 1);
}

function edge(coordinate: number, length: number): number {
  return Math.min(Math.max(coordinate, 0), length - 1);
}

/** Returns the weight of the image at a coordinate: 1 inside, 0 a pixel or more outside. */
function within(coordinate: number, length: number): number {
  return Math.min(Math.max(Math.min(coordinate + 1, length - coordinate), 0), 1);
}
