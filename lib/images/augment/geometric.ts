import type { ImageSize } from '../resize-bilinear.ts';

/**
 * Where a pixel of the new image lies in the old one: [a, b, c, d, e, f] maps (x, y) to (a x + b y + c, d x + e y + f). Pixels
 * lie at whole numbers, the first at (0, 0).
 */
export type AffineMap = readonly [number, number, number, number, number, number];

const identity: AffineMap = [1, 0, 0, 0, 1, 0];

/** First the one, then the other, as one map: an image is sampled once however many changes move it. */
export function compose([a, b, c, d, e, f]: AffineMap, [A, B, C, D, E, F]: AffineMap): AffineMap {
  return [a * A + b * D, a * B + b * E, a * C + b * F + c, d * A + e * D, d * B + e * E, d * C + e * F + f];
}

/** The map [[a, b], [d, e]] with the image's centre as its origin. */
function aroundCentre([a, b, d, e]: readonly [number, number, number, number], [height, width]: ImageSize): AffineMap {
  const x = (width - 1) / 2;
  const y = (height - 1) / 2;
  return [a, b, x - (a * x + b * y), d, e, y - (d * x + e * y)];
}

export function isIdentity(map: AffineMap): boolean {
  return map.every((value, i) => value === identity[i]);
}

/** A part of an image: its left upper corner and its size, in pixels, which need not be whole. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Makes a part of the image the whole, with half-pixel centres as in resizing. */
export function crop([height, width]: ImageSize, box: Box): AffineMap {
  const across = box.width / width;
  const down = box.height / height;
  return [across, 0, box.left + (across - 1) / 2, 0, down, box.top + (down - 1) / 2];
}

/** Mirrors: left and right, top and bottom, or both. No pixel changes its value. */
export function flip([height, width]: ImageSize, { horizontal = false, vertical = false }): AffineMap {
  return [horizontal ? -1 : 1, 0, horizontal ? width - 1 : 0, 0, vertical ? -1 : 1, vertical ? height - 1 : 0];
}

/** Turns the image around its centre, counter-clockwise. */
export function rotate(size: ImageSize, radians: number): AffineMap {
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  return aroundCentre([cos, -sin, sin, cos], size);
}

/** Slants the image: rows move across, columns move down, by a share of their distance from the centre. */
export function shear(size: ImageSize, { across = 0, down = 0 }): AffineMap {
  return aroundCentre([1, -across, -down, 1], size);
}

/** Moves the image down and to the right by these shares of its height and width. */
export function translate([height, width]: ImageSize, { down = 0, right = 0 }): AffineMap {
  return [1, 0, -right * width, 0, 1, -down * height];
}

/** Shows `factor` times as much of each side, around the centre: above 1 the image becomes smaller. */
export function zoom(size: ImageSize, factor: number): AffineMap {
  return aroundCentre([factor, 0, 0, factor], size);
}
