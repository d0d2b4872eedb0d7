import type { ImageSize } from '../resize-bilinear.ts';
import { type AffineMap, aroundCentre } from './affine-map.ts';

/** Turns the image around its centre, counter-clockwise. */
export function rotate(size: ImageSize, radians: number): AffineMap {
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  return aroundCentre([cos, -sin, sin, cos], size);
}
