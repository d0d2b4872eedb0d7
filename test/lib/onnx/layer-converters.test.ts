import * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { CustomScaleLayer } from '../../../lib/backbones/layers/custom-scale-layer.ts';
import { GlobalAveragePooling2D } from '../../../lib/backbones/layers/global-average-pooling-2d.ts';
import { GroupedConv2D } from '../../../lib/backbones/layers/grouped-conv2d.ts';
import '../../../lib/backbones/layers/hard-activations.ts';
import { LayerScale } from '../../../lib/backbones/layers/layer-scale.ts';
import { Normalization } from '../../../lib/backbones/layers/normalization.ts';
import { Rescaling } from '../../../lib/backbones/layers/rescaling.ts';
import { StochasticDepth } from '../../../lib/backbones/layers/stochastic-depth.ts';
import { CosineDense } from '../../../lib/heads/layers/cosine-dense.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';
import { apply, expectSame, modelOf } from './same-as-tensorflow.ts';

const { layers } = tfl;

useTensorFlow();

/** Odd and even sizes at which the two halves of `same` padding differ. */
const grid = [
  { input: [7, 9, 3], strides: 1, kernel: 3 },
  { input: [8, 8, 2], strides: 2, kernel: 3 },
  { input: [7, 10, 2], strides: 2, kernel: 3 },
  { input: [10, 8, 1], strides: 3, kernel: 2 },
  { input: [6, 11, 4], strides: 2, kernel: 1 },
  { input: [12, 9, 2], strides: [2, 1] as [number, number], kernel: [5, 2] as [number, number] },
];

const windows = grid.flatMap(({ input, strides, kernel }) =>
  (['same', 'valid'] as const).flatMap((padding): [string, number[], () => tfl.layers.Layer][] => {
    const where = `${JSON.stringify(kernel)} by ${JSON.stringify(strides)} ${padding} on ${input}`;
    const pool = { poolSize: kernel, strides: pair(strides), padding };
    return [
      [`Conv2D ${where}`, input, () => layers.conv2d({ filters: 4, kernelSize: kernel, strides, padding })],
      [
        `DepthwiseConv2D ${where}`,
        input,
        () => layers.depthwiseConv2d({ kernelSize: kernel, strides, padding, depthMultiplier: 2 }),
      ],
      [`MaxPooling2D ${where}`, input, () => layers.maxPooling2d(pool)],
      [`AveragePooling2D ${where}`, input, () => layers.averagePooling2d(pool)],
    ];
  }),
);

/** Every case on one line: the layer, the sizes that it gets, and what makes it. */
const singles: [string, number[], () => tfl.layers.Layer][] = [
  ['Conv2D dilated', [9, 11, 2], () => layers.conv2d({ filters: 3, kernelSize: 3, dilationRate: 2, padding: 'same' })],
  ['Conv2D with relu', [5, 5, 2], () => layers.conv2d({ filters: 3, kernelSize: 3, activation: 'relu' })],
  [
    'SeparableConv2D',
    [7, 6, 3],
    () => layers.separableConv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' }),
  ],
  [
    'SeparableConv2D strided',
    [7, 6, 3],
    () => layers.separableConv2d({ filters: 4, kernelSize: 3, strides: 2, depthMultiplier: 2 }),
  ],
  ['GroupedConv2D of 2 groups', [7, 6, 4], () => new GroupedConv2D({ filters: 6, kernelSize: [3, 3], groups: 2, strides: 2 })],
  [
    'GroupedConv2D of 1 channel',
    [9, 9, 4],
    () => new GroupedConv2D({ filters: 4, kernelSize: [7, 7], groups: 4, padding: 'same' }),
  ],
  ['BatchNormalization', [5, 3, 4], () => layers.batchNormalization({})],
  ['BatchNormalization without gamma', [5, 3, 4], () => layers.batchNormalization({ scale: false })],
  ['BatchNormalization without beta', [5, 3, 4], () => layers.batchNormalization({ center: false })],
  ['BatchNormalization of vectors', [6], () => layers.batchNormalization({ epsilon: 0.1 })],
  ['LayerNormalization of vectors', [16], () => layers.layerNormalization({ epsilon: 1e-6 })],
  ['LayerNormalization of maps', [3, 4, 8], () => layers.layerNormalization()],
  ['LayerNormalization without gamma', [3, 4, 8], () => layers.layerNormalization({ scale: false, center: false })],
  ['LayerNormalization of two axes', [3, 4, 8], () => layers.layerNormalization({ axis: [2, 3] })],
  ['Normalization by weights', [3, 4, 2], () => new Normalization()],
  ['Normalization by constants', [3, 4, 2], () => new Normalization({ mean: [1, 2], variance: [4, 0] })],
  ['Rescaling', [3, 4, 2], () => new Rescaling({ scale: 1 / 127.5, offset: -1 })],
  ['Rescaling of each channel', [3, 4, 2], () => new Rescaling({ scale: [0.5, 2], offset: [0, 1] })],
  ['LayerScale', [3, 4, 5], () => new LayerScale({ projectionDim: 5, initValues: 1e-6 })],
  ['StochasticDepth', [3, 4, 5], () => new StochasticDepth({ dropPathRate: 0.5 })],
  ['ReLU', [5, 3, 4], () => layers.reLU()],
  ['ReLU up to 0.5', [5, 3, 4], () => layers.reLU({ maxValue: 0.5 })],
  ['LeakyReLU', [5, 3, 4], () => layers.leakyReLU({ alpha: 0.2 })],
  ['ELU', [5, 3, 4], () => layers.elu({ alpha: 1 })],
  ['Softmax over channels', [5, 3, 4], () => layers.softmax({ axis: 3 })],
  ['Softmax of vectors', [5], () => layers.softmax({ axis: -1 })],
  [
    'ZeroPadding2D',
    [5, 3, 2],
    () =>
      layers.zeroPadding2d({
        padding: [
          [0, 1],
          [2, 3],
        ],
      }),
  ],
  ['ZeroPadding2D by one number', [5, 3, 2], () => layers.zeroPadding2d({ padding: 2 })],
  [
    'Cropping2D',
    [7, 8, 2],
    () =>
      layers.cropping2D({
        cropping: [
          [0, 1],
          [2, 0],
        ],
      }),
  ],
  ['GlobalAveragePooling2D', [5, 3, 4], () => layers.globalAveragePooling2d({ dataFormat: 'channelsLast' })],
  ['GlobalAveragePooling2D to a pixel', [5, 3, 4], () => new GlobalAveragePooling2D({ keepdims: true })],
  ['GlobalMaxPooling2D', [5, 3, 4], () => layers.globalMaxPooling2d({ dataFormat: 'channelsLast' })],
  ['Dense of vectors', [6], () => layers.dense({ units: 5, activation: 'softmax' })],
  ['Dense without bias', [6], () => layers.dense({ units: 5, useBias: false, activation: 'sigmoid' })],
  ['Dense of sequences', [4, 6], () => layers.dense({ units: 5 })],
  ['Dense of maps', [3, 4, 6], () => layers.dense({ units: 5, activation: 'tanh' })],
  ['CosineDense', [6], () => new CosineDense({ units: 5, scale: 16 })],
  ['Dropout', [6], () => layers.dropout({ rate: 0.5 })],
  ['GaussianDropout', [6], () => layers.gaussianDropout({ rate: 0.5 })],
  ['Flatten of maps', [3, 2, 4], () => layers.flatten()],
  ['Flatten of a pixel', [1, 1, 4], () => layers.flatten()],
  ['Flatten of sequences', [4, 3], () => layers.flatten()],
  ['Reshape of maps', [4, 2, 3], () => layers.reshape({ targetShape: [2, -1, 6] })],
  ['Reshape to a pixel', [4], () => layers.reshape({ targetShape: [1, 1, 4] })],
  ['Permute', [4, 2, 3], () => layers.permute({ dims: [3, 1, 2] })],
];

const activations = [
  ...[
    'elu',
    'gelu',
    'gelu_new',
    'hardSigmoid',
    'hardSigmoid3',
    'hardSilu',
    'linear',
    'logSoftmax',
    'mish',
    'relu',
    'relu6',
    'selu',
  ],
  ...['sigmoid', 'softmax', 'softplus', 'softsign', 'swish', 'tanh'],
];

const merges: [string, () => tfl.layers.Layer][] = [
  ['Add', () => layers.add()],
  ['Multiply', () => layers.multiply()],
  ['Average', () => layers.average()],
  ['Maximum', () => layers.maximum()],
  ['Minimum', () => layers.minimum()],
  ['Concatenate', () => layers.concatenate()],
  ['Concatenate of rows', () => layers.concatenate({ axis: 1 })],
  ['CustomScaleLayer', () => new CustomScaleLayer({ scale: 0.17 })],
];

describe('one layer computes in onnxruntime what it computes in TensorFlow.js', () => {
  test.each([...windows, ...singles])('%s', async (_, input, layer) => {
    await expectSame(modelOf(input, (x) => apply(layer(), x)));
  });

  // Scaled, so that the hard ones meet their bounds.
  test.each(activations)('Activation %s', async (activation) => {
    const make = (): tfl.layers.Layer => tfl.layers.activation({ activation: activation as 'relu' });
    await expectSame(modelOf([4, 3, 5], (x) => apply(make(), apply(new Rescaling({ scale: 8 }), x))));
    await expectSame(modelOf([6], (x) => apply(layers.dense({ units: 4, activation: activation as 'relu' }), x)));
  });

  test.each(merges)('%s of maps in either layout', async (_, layer) => {
    await expectSame(modelOf([4, 5, 3], (x) => apply(layer(), [x, apply(layers.conv2d({ filters: 3, kernelSize: 1 }), x)])));
  });

  test.each(merges.filter(([name]) => !name.includes('rows')))('%s of vectors', async (_, layer) => {
    await expectSame(modelOf([6], (x) => apply(layer(), [x, apply(layers.dense({ units: 6 }), x)])));
  });
});

/**
 * Windows of any size at any stride; a stride beyond the kernel that also skips the rim is left out: TF.js gives zeros
 * for it.
 */
test('convolutions and pools of any window compute the same', async () => {
  const size = fc.integer({ min: 1, max: 9 });
  const small = fc.integer({ min: 1, max: 4 });
  const window = fc.record({
    height: size,
    width: size,
    kernel: fc.tuple(small, small),
    stride: small,
    padding: fc.constantFrom('same', 'valid'),
  });
  const usable = window.filter(({ height, width, kernel, stride, padding }) =>
    [height, width].every((side, axis) =>
      padding === 'same' ? (Math.ceil(side / stride) - 1) * stride + kernel[axis]! >= side : side >= kernel[axis]!,
    ),
  );
  await fc.assert(
    fc.asyncProperty(usable, async ({ height, width, kernel, stride, padding }) => {
      const shared = { strides: [stride, stride] as [number, number], padding: padding as 'same' };
      const conv = layers.conv2d({ filters: 2, kernelSize: kernel, ...shared });
      const pools = [
        layers.averagePooling2d({ poolSize: kernel, ...shared }),
        layers.maxPooling2d({ poolSize: kernel, ...shared }),
      ];
      await expectSame(
        modelOf([height, width, 2], (x) =>
          apply(
            layers.concatenate(),
            [conv, ...pools].map((layer) => apply(layer, x)),
          ),
        ),
      );
    }),
    { numRuns: 25 },
  );
});

function pair(size: number | [number, number]): [number, number] {
  return typeof size === 'number' ? [size, size] : size;
}
