import type { Branches, InceptionStep } from '../layers/inception-module.ts';

/** Side in pixels, or [height, width]. */
type Kernel = number | readonly [number, number];

/** A convolution that keeps the map's height and width. */
export function conv(filters: number, kernel: Kernel = 1): InceptionStep {
  return { kind: 'convolution', filters, kernel };
}

/** A 3x3 convolution without padding, which removes one pixel on each side. */
export function bare(filters: number, stride = 1): InceptionStep {
  return { kind: 'convolution', filters, kernel: 3, stride, padding: 'valid' };
}

/** An average pool that keeps the map's height and width. */
export const average: InceptionStep = { kind: 'average', kernel: 3, stride: 1, padding: 'same' };

/** A max pool that halves the map's height and width. */
export const maximum: InceptionStep = { kind: 'maximum', kernel: 3, stride: 2, padding: 'valid' };

/**
 * Parallel branches whose maps are concatenated.
 * @param name of the layer that joins them; default: numbered as in Keras
 */
export function fork(branches: Branches, name?: string): InceptionStep {
  return { kind: 'fork', branches, ...(name !== undefined && { name }) };
}

/** The first steps of both Inceptions. */
export const stem: readonly InceptionStep[] = [bare(32, 2), bare(32), conv(64, 3), maximum, conv(80), bare(192), maximum];
