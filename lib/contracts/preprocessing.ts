/**
 * What happens to RGB pixels 0..255 before a network: channels in this order, then `value * scale + offset` for each of
 * them, in the order of `channels`.
 */
export interface Preprocessing {
  readonly channels: 'rgb' | 'bgr';
  readonly scale: readonly [number, number, number];
  readonly offset: readonly [number, number, number];
}
