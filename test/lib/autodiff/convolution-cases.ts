import type { Case } from './gradient-cases.ts';

interface Convolution {
  readonly kernel: [number, number];
  readonly strides?: [number, number];
  readonly dilations?: [number, number];
  readonly pads?: [number, number, number, number];
  readonly groups?: number;
  readonly channels?: number;
  readonly filters?: number;
  readonly size?: [number, number];
}

const convolutions: readonly Convolution[] = [
  { kernel: [1, 1] },
  { kernel: [1, 1], strides: [2, 2] },
  { kernel: [1, 1], groups: 2, channels: 4, filters: 6 },
  { kernel: [3, 3], pads: [1, 1, 1, 1] },
  { kernel: [3, 3], pads: [0, 0, 0, 0] },
  { kernel: [3, 3], pads: [3, 0, 0, 3] },
  { kernel: [2, 3], pads: [0, 1, 1, 1] },
  { kernel: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1], size: [6, 6] },
  { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], size: [5, 6] },
  { kernel: [3, 3], strides: [2, 1], size: [7, 5] },
  { kernel: [5, 5], strides: [3, 2], pads: [2, 1, 2, 2], size: [8, 6] },
  { kernel: [3, 3], dilations: [2, 2], pads: [2, 2, 2, 2] },
  { kernel: [3, 2], dilations: [1, 2], strides: [2, 2], size: [6, 7] },
  { kernel: [3, 3], groups: 4, channels: 4, filters: 4, pads: [1, 1, 1, 1] },
  { kernel: [3, 3], groups: 3, channels: 3, filters: 6, strides: [2, 2], pads: [0, 0, 1, 1] },
  { kernel: [5, 5], groups: 2, channels: 2, filters: 2, strides: [2, 2], pads: [1, 2, 2, 2], size: [6, 5] },
  { kernel: [3, 3], groups: 2, channels: 4, filters: 6, pads: [1, 1, 1, 1] },
  { kernel: [3, 3], groups: 2, channels: 4, filters: 4, dilations: [2, 1], strides: [1, 2], size: [6, 6] },
];

/** Convolutions of each kind of kernel, stride, padding, dilation and group that a backbone uses. */
export const convolutionCases: readonly Case[] = convolutions.map((given) => {
  const { kernel, strides = [1, 1], dilations = [1, 1], pads = [0, 0, 0, 0], groups = 1 } = given;
  const { channels = 2, filters = 3, size = [5, 4] } = given;
  const to = size.map(
    (length, axis) =>
      Math.floor((length + pads[axis]! + pads[axis + 2]! - (kernel[axis]! - 1) * dilations[axis]! - 1) / strides[axis]!) + 1,
  );
  return {
    title: `Conv ${JSON.stringify(given)}`,
    inputs: { x: [2, channels, ...size], kernel: [filters, channels / groups, ...kernel], bias: [filters] },
    output: [2, filters, ...to],
    build: (graph, ...inputs) => graph.add('Conv', inputs, { kernel_shape: kernel, strides, dilations, pads, group: groups }),
  };
});
