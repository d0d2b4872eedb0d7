import type { ImageSize } from '../resize-bilinear.ts';
import type { AffineMap } from './affine-map.ts';

/** Mirrors: left and right, top and bottom, or both. No pixel changes its value. */
export function flip([height, width]: ImageSize, { horizontal = false, vertical = false }): AffineMap {
  return [horizontal ? -1 : 1, 0, horizontal ? width - 1 : 0, 0, vertical ? -1 : 1, vertical ? height - 1 : 0];
}
