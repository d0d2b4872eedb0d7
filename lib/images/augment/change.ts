import type { ImageSize } from '../resize-bilinear.ts';
import type { AffineMap } from './geometric.ts';

/** How to fill beyond an image's edges: mirror the image, or use black. */
export type Fill = 'reflect' | 'constant';

/**
 * A change of an image: either its pixels move, or their values change in place. All random numbers are drawn already.
 */
export type Change = Move | Recolour;

export interface Move {
  readonly kind: 'move';
  readonly map: AffineMap;
  readonly fill: Fill;
}

export interface Recolour {
  readonly kind: 'recolour';
  /** Changes float32 [height, width, 3], RGB 0..255, in place. */
  apply(pixels: Float32Array, size: ImageSize): void;
}

/** Creates a change that moves pixels. */
export function move(map: AffineMap, fill: Fill = 'reflect'): Move {
  return { kind: 'move', map, fill };
}

/** Creates a change of pixel values. */
export function recolour(apply: Recolour['apply']): Recolour {
  return { kind: 'recolour', apply };
}
