import type { ImageSize } from '../resize-bilinear.ts';

/**
 * Maps a pixel of the new image to its source in the old one: [a, b, c, d, e, f] maps (x, y) to (a x + b y + c, d x + e
 * y + f). Pixel centres are at whole numbers, the first at (0, 0).
 */
export type AffineMap = readonly [number, number, number, number, number, number];

const identity: AffineMap = [1, 0, 0, 0, 1, 0];

/** Combines two maps, the first applied first, so that an image is sampled once however many changes move it. */
export function compose([a, b, c, d, e, f]: AffineMap, [A, B, C, D, E, F]: AffineMap): AffineMap {
  return [a * A + b * D, a * B + b * E, a * C + b * F + c, d * A + e * D, d * B + e * E, d * C + e * F + f];
}

/** Returns the map [[a, b], [d, e]] with the image's centre as its origin. */
function aroundCentre([a, b, d, e]: readonly [number, number, number, number], [height, width]: ImageSize): AffineMap {
  const x = (width - 1) / 2;
  const y = (height - 1) / 2;
  return [a, b, x - (a * x + b * y), d, e, y - (d * x + e * y)];
}

/** Tells whether a map moves no pixel. */
export function isIdentity(map: AffineMap): boolean {
  return map.every((value, i) => value === identity[i]);
}

/** A part of an image: its top left corner and its size in pixels, which may be fractional. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Crops the image to a box and enlarges it to the full size, with half-pixel centres as in resizing. */
export function crop([height, width]: ImageSize, box: Box): AffineMap {
  const across = box.width / width;
  const down = box.height / height;
  return [across, 0, box.left + (across - 1) / 2, 0, down, box.top + (down - 1) / 2];
}

/** Mirrors the image horizontally, vertically, or both. Pixel values do not change. */
export function flip([height, width]: ImageSize, { horizontal = false, vertical = false }): AffineMap {
  return [horizontal ? -1 : 1, 0, horizontal ? width - 1 : 0, 0, vertical ? -1 : 1, vertical ? height - 1 : 0];
}

/** Rotates the image counter-clockwise about its centre. */
export function rotate(size: ImageSize, radians: number): AffineMap {
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  return aroundCentre([cos, -sin, sin, cos], size);
}

/** Shears the image: moves rows across and columns down by a share of their distance from the centre. */
export function shear(size: ImageSize, { across = 0, down = 0 }): AffineMap {
  return aroundCentre([1, -across, -down, 1], size);
}

/** Moves the image down and to the right by these shares of its height and width. */
export function translate([height, width]: ImageSize, { down = 0, right = 0 }): AffineMap {
  return [1, 0, -right * width, 0, 1, -down * height];
}

/** Zooms about the centre, so that each side covers `factor` times as much: above 1, the content becomes smaller. */
export function zoom(size: ImageSize, factor: number): AffineMap {
  return aroundCentre([factor, 0, 0, factor], size);
}
