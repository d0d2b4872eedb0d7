import type { Preprocessing } from '../../contracts/preprocessing.ts';

/** Pixels as they are: the network scales them itself. */
export const asIs: Preprocessing = { channels: 'rgb', scale: [1, 1, 1], offset: [0, 0, 0] };

/** Keras's mode `tf`: to -1..1. */
export const toUnitRange: Preprocessing = { channels: 'rgb', scale: [1 / 127.5, 1 / 127.5, 1 / 127.5], offset: [-1, -1, -1] };

/** Keras's mode `caffe`: BGR, minus ImageNet's mean. */
export const minusMean: Preprocessing = { channels: 'bgr', scale: [1, 1, 1], offset: [-103.939, -116.779, -123.68] };

/** Keras's mode `torch`: to 0..1, minus ImageNet's mean, over its standard deviation. */
export const standardised: Preprocessing = {
  channels: 'rgb',
  scale: [1 / (255 * 0.229), 1 / (255 * 0.224), 1 / (255 * 0.225)],
  offset: [-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225],
};
