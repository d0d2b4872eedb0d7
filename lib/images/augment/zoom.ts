import type { ImageSize } from '../resize-bilinear.ts';
import { type AffineMap, aroundCentre } from './affine-map.ts';

/** Shows `factor` times as much of each side, around the centre: above 1 the image becomes smaller. */
export function zoom(size: ImageSize, factor: number): AffineMap {
  return aroundCentre([factor, 0, 0, factor], size);
}
