import type { Value } from './graph-builder.ts';

/** Converts a Keras axis to the axis in the value's own layout. */
export function axisOf({ shape, layout }: Value, kerasAxis: number): number {
  const axis = kerasAxis < 0 ? shape.length + kerasAxis : kerasAxis;
  if (shape.length !== 4 || layout === 'channels-last') return axis;
  return [0, 2, 3, 1][axis] ?? axis;
}

/** Returns the dims with which one number per channel (Keras's last axis) broadcasts over the value. */
export function perChannel({ shape, layout }: Value, channels: number): number[] {
  return shape.length === 4 && layout === 'channels-first' ? [channels, 1, 1] : [channels];
}
