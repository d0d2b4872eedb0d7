import type { ImageSize } from '../resize-bilinear.ts';

/**
 * Where a pixel of the new image lies in the old one: [a, b, c, d, e, f] maps (x, y) to (a x + b y + c, d x + e y + f). Pixels
 * lie at whole numbers, the first at (0, 0).
 */
export type AffineMap = readonly [number, number, number, number, number, number];

export const identity: AffineMap = [1, 0, 0, 0, 1, 0];

/** First the one, then the other, as one map: an image is sampled once however many changes move it. */
export function compose([a, b, c, d, e, f]: AffineMap, [A, B, C, D, E, F]: AffineMap): AffineMap {
  return [a * A + b * D, a * B + b * E, a * C + b * F + c, d * A + e * D, d * B + e * E, d * C + e * F + f];
}

/** The map [[a, b], [d, e]] with the image's centre as its origin. */
export function aroundCentre([a, b, d, e]: readonly [number, number, number, number], [height, width]: ImageSize): AffineMap {
  const x = (width - 1) / 2;
  const y = (height - 1) / 2;
  return [a, b, x - (a * x + b * y), d, e, y - (d * x + e * y)];
}

export function isIdentity(map: AffineMap): boolean {
  return map.every((value, i) => value === identity[i]);
}
