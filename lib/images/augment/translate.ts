import type { ImageSize } from '../resize-bilinear.ts';
import type { AffineMap } from './affine-map.ts';

/** Moves the image down and to the right by these shares of its height and width. */
export function translate([height, width]: ImageSize, { down = 0, right = 0 }): AffineMap {
  return [1, 0, -right * width, 0, 1, -down * height];
}
