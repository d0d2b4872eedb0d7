import type { ImageSize } from '../resize-bilinear.ts';
import type { AffineMap } from './geometric.ts';

/** What lies beyond an image's edges: the image mirrored at them, or black. */
export type Fill = 'reflect' | 'constant';

/** What is done to an image: its pixels move, or they change where they are. Nothing of it is random any more. */
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

export function move(map: AffineMap, fill: Fill = 'reflect'): Move {
  return { kind: 'move', map, fill };
}

export function recolour(apply: Recolour['apply']): Recolour {
  return { kind: 'recolour', apply };
}
