import type { Branches, Step } from '../layers/inception-module.ts';

/** The steps that both Inceptions are made of. */
type Kernel = number | readonly [number, number];

export function conv(filters: number, kernel: Kernel = 1): Step {
  return { kind: 'convolution', filters, kernel };
}

/** A 3x3 convolution without padding. */
export function bare(filters: number, stride = 1): Step {
  return { kind: 'convolution', filters, kernel: 3, stride, padding: 'valid' };
}

/** Keeps the map's height and width. */
export const average: Step = { kind: 'average', kernel: 3, stride: 1, padding: 'same' };

/** Halves them. */
export const maximum: Step = { kind: 'maximum', kernel: 3, stride: 2, padding: 'valid' };

export function fork(branches: Branches, name?: string): Step {
  return { kind: 'fork', branches, ...(name !== undefined && { name }) };
}

export const stem: readonly Step[] = [bare(32, 2), bare(32), conv(64, 3), maximum, conv(80), bare(192), maximum];
