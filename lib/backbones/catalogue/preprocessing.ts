import type { Preprocessing } from '../../contracts/preprocessing.ts';

/** Leaves pixels unchanged: the network scales them itself. */
export const asIs: Preprocessing = { channels: 'rgb', scale: [1, 1, 1], offset: [0, 0, 0] };

/** Scales pixels to -1..1: Keras's mode `tf`. */
export const toUnitRange: Preprocessing = { channels: 'rgb', scale: [1 / 127.5, 1 / 127.5, 1 / 127.5], offset: [-1, -1, -1] };

/** Converts to BGR and subtracts ImageNet's mean: Keras's mode `caffe`. */
export const minusMean: Preprocessing = { channels: 'bgr', scale: [1, 1, 1], offset: [-103.939, -116.779, -123.68] };

/** Scales pixels to 0..1, subtracts ImageNet's mean and divides by its standard deviation: Keras's mode `torch`. */
export const standardised: Preprocessing = {
  channels: 'rgb',
  scale: [1 / (255 * 0.229), 1 / (255 * 0.224), 1 / (255 * 0.225)],
  offset: [-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225],
};
