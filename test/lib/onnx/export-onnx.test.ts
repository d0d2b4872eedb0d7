import * as tfl from '@tensorflow/tfjs-layers';
import { test } from 'vitest';
import { useTensorFlow } from '../../support/tensorflow.ts';
import { apply, expectSame, modelOf } from './same-as-tensorflow.ts';

const { layers } = tfl;

useTensorFlow();

interface Case {
  readonly what: string;
  readonly input: number[];
  readonly layer: () => tfl.layers.Layer;
}

const grid = [
  { input: [7, 9, 3], strides: 1, kernelSize: 3 },
  { input: [8, 8, 2], strides: 2, kernelSize: 3 },
  { input: [7, 10, 2], strides: 2, kernelSize: 3 },
  { input: [10, 8, 1], strides: 3, kernelSize: 2 },
  { input: [6, 11, 4], strides: 2, kernelSize: 1 },
  { input: [12, 9, 2], strides: [2, 1] as [number, number], kernelSize: [5, 2] as [number, number] },
];

const convolutions: Case[] = grid.flatMap(({ input, strides, kernelSize }) =>
  (['same', 'valid'] as const).flatMap((padding) => {
    const where = `${JSON.stringify(kernelSize)} by ${JSON.stringify(strides)} ${padding} on ${input}`;
    return [
      {
        what: `Conv2D ${where}`,
        input,
        layer: () => layers.conv2d({ filters: 4, kernelSize, strides, padding, biasInitializer: 'ones' }),
      },
      {
        what: `DepthwiseConv2D ${where}`,
        input,
        layer: () => layers.depthwiseConv2d({ kernelSize, strides, padding, depthMultiplier: 2, useBias: false }),
      },
      {
        what: `MaxPooling2D ${where}`,
        input,
        layer: () => layers.maxPooling2d({ poolSize: kernelSize, strides: pair(strides), padding }),
      },
      {
        what: `AveragePooling2D ${where}`,
        input,
        layer: () => layers.averagePooling2d({ poolSize: kernelSize, strides: pair(strides), padding }),
      },
    ];
  }),
);

const singles: Case[] = [
  {
    what: 'Conv2D dilated',
    input: [9, 11, 2],
    layer: () => layers.conv2d({ filters: 3, kernelSize: 3, dilationRate: 2, padding: 'same' }),
  },
  { what: 'Conv2D with relu', input: [5, 5, 2], layer: () => layers.conv2d({ filters: 3, kernelSize: 3, activation: 'relu' }) },
  { what: 'BatchNormalization', input: [5, 3, 4], layer: () => layers.batchNormalization({}) },
  { what: 'BatchNormalization alone', input: [5, 3, 4], layer: () => layers.batchNormalization({ center: false, scale: false }) },
  { what: 'BatchNormalization of vectors', input: [6], layer: () => layers.batchNormalization({ epsilon: 0.1 }) },
  { what: 'ReLU', input: [5, 3, 4], layer: () => layers.reLU() },
  { what: 'ReLU up to 0.5', input: [5, 3, 4], layer: () => layers.reLU({ maxValue: 0.5 }) },
  {
    what: 'ZeroPadding2D',
    input: [5, 3, 2],
    layer: () =>
      layers.zeroPadding2d({
        padding: [
          [0, 1],
          [2, 3],
        ],
      }),
  },
  { what: 'ZeroPadding2D by one number', input: [5, 3, 2], layer: () => layers.zeroPadding2d({ padding: 2 }) },
  {
    what: 'GlobalAveragePooling2D',
    input: [5, 3, 4],
    layer: () => layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }),
  },
  { what: 'GlobalMaxPooling2D', input: [5, 3, 4], layer: () => layers.globalMaxPooling2d({ dataFormat: 'channelsLast' }) },
  { what: 'Dense of vectors', input: [6], layer: () => layers.dense({ units: 5, activation: 'softmax' }) },
  { what: 'Dense without bias', input: [6], layer: () => layers.dense({ units: 5, useBias: false, activation: 'sigmoid' }) },
  { what: 'Dense of sequences', input: [4, 6], layer: () => layers.dense({ units: 5 }) },
  { what: 'Dense of maps', input: [3, 4, 6], layer: () => layers.dense({ units: 5, activation: 'tanh' }) },
  { what: 'Dropout', input: [6], layer: () => layers.dropout({ rate: 0.5 }) },
  { what: 'Flatten', input: [3, 2, 4], layer: () => layers.flatten() },
  ...(['relu', 'relu6', 'sigmoid', 'tanh', 'softmax', 'linear'] as const).map((activation) => ({
    what: `Activation ${activation}`,
    input: [4, 3, 5],
    layer: () => layers.activation({ activation }),
  })),
];

test.each([...convolutions, ...singles])('$what computes the same', async ({ input, layer }) => {
  await expectSame(modelOf(input, (x) => apply(layer(), x)));
});

function pair(size: number | [number, number]): [number, number] {
  return typeof size === 'number' ? [size, size] : size;
}
