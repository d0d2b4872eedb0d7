import type { ImageSize } from '../resize-bilinear.ts';
import { type AffineMap, aroundCentre } from './affine-map.ts';

/** Slants the image: rows move across, columns move down, by a share of their distance from the centre. */
export function shear(size: ImageSize, { across = 0, down = 0 }): AffineMap {
  return aroundCentre([1, -across, -down, 1], size);
}
