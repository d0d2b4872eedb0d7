import type { Branches, Step } from '../layers/inception-module.ts';

/** Side in pixels, or [height, width]. */
type Kernel = number | readonly [number, number];

/** A convolution that keeps the map's height and width. */
export function conv(filters: number, kernel: Kernel = 1): Step {
  return { kind: 'convolution', filters, kernel };
}

/** A 3x3 convolution without padding, which takes a pixel from each side. */
export function bare(filters: number, stride = 1): Step {
  return { kind: 'convolution', filters, kernel: 3, stride, padding: 'valid' };
}

/** Keeps the map's height and width. */
export const average: Step = { kind: 'average', kernel: 3, stride: 1, padding: 'same' };

/** Halves them. */
export const maximum: Step = { kind: 'maximum', kernel: 3, stride: 2, padding: 'valid' };

/** Branches, and their maps side by side. @param name of the layer that joins them; default: as Keras numbers it */
export function fork(branches: Branches, name?: string): Step {
  return { kind: 'fork', branches, ...(name !== undefined && { name }) };
}

/** With what both Inceptions begin. */
export const stem: readonly Step[] = [bare(32, 2), bare(32), conv(64, 3), maximum, conv(80), bare(192), maximum];
