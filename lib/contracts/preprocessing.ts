/**
 * Preprocessing of RGB pixels 0..255 for a network: reorders the channels, then computes `value * scale + offset` per
 * channel, in the order of `channels`.
 */
export interface Preprocessing {
  readonly channels: 'rgb' | 'bgr';
  readonly scale: readonly [number, number, number];
  readonly offset: readonly [number, number, number];
}
