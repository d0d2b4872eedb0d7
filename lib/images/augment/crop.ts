import type { ImageSize } from '../resize-bilinear.ts';
import type { AffineMap } from './affine-map.ts';

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
