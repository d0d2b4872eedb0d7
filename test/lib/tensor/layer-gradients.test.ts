import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const { layers } = tfl;
const image = [6, 6, 4];

/** Every kind of layer that a Keras backbone or a head is made of. */
const LAYERS: readonly { name: string; shape?: number[]; make: () => tfl.layers.Layer }[] = [
  { name: 'conv2d', make: () => layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same' }) },
  {
    name: 'conv2d, strided, with activation',
    make: () => layers.conv2d({ filters: 3, kernelSize: 3, strides: 2, activation: 'relu' }),
  },
  { name: 'depthwiseConv2d', make: () => layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same' }) },
  { name: 'separableConv2d', make: () => layers.separableConv2d({ filters: 3, kernelSize: 5, padding: 'same' }) },
  { name: 'dense', shape: [7], make: () => layers.dense({ units: 3, activation: 'relu' }) },
  { name: 'dense on the last axis of images', make: () => layers.dense({ units: 3 }) },
  { name: 'batchNormalization', make: () => layers.batchNormalization() },
  { name: 'batchNormalization of vectors', shape: [7], make: () => layers.batchNormalization() },
  { name: 'layerNormalization', make: () => layers.layerNormalization({ epsilon: 1e-6 }) },
  { name: 'maxPooling2d', make: () => layers.maxPooling2d({ poolSize: 2 }) },
  { name: 'maxPooling2d, overlapping', make: () => layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }) },
  { name: 'averagePooling2d', make: () => layers.averagePooling2d({ poolSize: 2 }) },
  { name: 'averagePooling2d, padded', make: () => layers.averagePooling2d({ poolSize: 3, strides: 1, padding: 'same' }) },
  {
    name: 'averagePooling2d, padded and strided',
    make: () => layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
  },
  { name: 'globalAveragePooling2d', make: () => layers.globalAveragePooling2d({}) },
  { name: 'globalMaxPooling2d', make: () => layers.globalMaxPooling2d({}) },
  { name: 'flatten', make: () => layers.flatten() },
  { name: 'reshape', make: () => layers.reshape({ targetShape: [9, 16] }) },
  { name: 'permute', make: () => layers.permute({ dims: [3, 1, 2] }) },
  {
    name: 'zeroPadding2d',
    make: () =>
      layers.zeroPadding2d({
        padding: [
          [0, 1],
          [2, 0],
        ],
      }),
  },
  {
    name: 'cropping2D',
    make: () =>
      layers.cropping2D({
        cropping: [
          [1, 0],
          [0, 1],
        ],
      }),
  },
  { name: 'upSampling2d', make: () => layers.upSampling2d({ size: [2, 2] }) },
  { name: 'rescaling', make: () => layers.rescaling({ scale: 0.5, offset: -1 }) },
  { name: 'reLU to 6', make: () => layers.reLU({ maxValue: 6 }) },
  { name: 'leakyReLU', make: () => layers.leakyReLU() },
  { name: 'elu', make: () => layers.elu() },
  { name: 'softmax', shape: [7], make: () => layers.softmax() },
  ...(
    [
      'elu',
      'selu',
      'relu',
      'relu6',
      'sigmoid',
      'hardSigmoid',
      'tanh',
      'softplus',
      'softsign',
      'softmax',
      'swish',
      'gelu',
      'mish',
    ] as const
  ).map((activation) => ({ name: `activation ${activation}`, shape: [7], make: () => layers.activation({ activation }) })),
];

const MERGES: readonly { name: string; make: () => tfl.layers.Layer }[] = [
  { name: 'add', make: () => layers.add() },
  { name: 'multiply', make: () => layers.multiply() },
  { name: 'average', make: () => layers.average() },
  { name: 'maximum', make: () => layers.maximum() },
  { name: 'concatenate', make: () => layers.concatenate() },
];

describe('the gradients of every kind of layer', () => {
  it.each(LAYERS)('$name: are the difference quotients, by input and by weights', ({ shape = image, make }) => {
    tf.tidy(() => {
      const layer = make();
      const x = tf.randomNormal([3, ...shape], 0, 1, 'float32', 1);
      layer.apply(x);
      const weights = layer.trainableWeights.map((weight) => weight.read());
      weights.forEach((weight, index) => {
        layer.trainableWeights[index]?.write(tf.randomNormal(weight.shape, 0, 0.5, 'float32', index + 2));
      });
      expectGradient((input) => output(layer.apply(input, { training: true })), x);
      for (const weight of layer.trainableWeights) {
        const value = tf.clone(weight.read());
        const variable = weight.read() as tf.Variable;
        const at = (): tf.Tensor => output(layer.apply(x, { training: true }));
        expectGradientByVariable(at, variable, value);
      }
    });
  });

  it.each(MERGES)('$name: are the difference quotients', ({ make }) => {
    tf.tidy(() => {
      const other = tf.randomNormal([3, ...image], 0, 1, 'float32', 2);
      expectGradient((x) => output(make().apply([x, other])), tf.randomNormal([3, ...image], 0, 1, 'float32', 1));
    });
  });
});

const STEP = 2e-3;

/** Along a random direction, the gradient of a random weighting of the outputs is its central difference quotient. */
function expectGradient(compute: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor): void {
  const weighting = tf.randomNormal(compute(x).shape, 0, 1, 'float32', 91);
  const value = (at: tf.Tensor): tf.Scalar => tf.sum(tf.mul(compute(at), weighting));
  const direction = directionOf(x);
  const gradient = tf.sum(tf.mul(tf.grad(value)(x), direction));
  const quotient = tf.div(tf.sub(value(tf.add(x, direction)), value(tf.sub(x, direction))), 2);
  expectSame(gradient, quotient);
}

function expectGradientByVariable(compute: () => tf.Tensor, variable: tf.Variable, at: tf.Tensor): void {
  const weighting = tf.randomNormal(compute().shape, 0, 1, 'float32', 91);
  const value = (): tf.Scalar => tf.sum(tf.mul(compute(), weighting));
  const direction = directionOf(at);
  const { grads } = tf.variableGrads(value, [variable]);
  const gradient = tf.sum(tf.mul(grads[variable.name] ?? 0, direction));
  const [above, below] = [tf.add(at, direction), tf.sub(at, direction)].map((moved) => {
    variable.assign(moved);
    return value();
  });
  variable.assign(at);
  expectSame(gradient, tf.div(tf.sub(above ?? 0, below ?? 0), 2));
}

function directionOf(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.randomNormal(x.shape, 0, 1, 'float32', 92), STEP);
}

function expectSame(gradient: tf.Tensor, quotient: tf.Tensor): void {
  const [actual, expected] = [gradient.arraySync() as number, quotient.arraySync() as number];
  expect(Math.abs(actual - expected)).toBeLessThan(4e-4 + 2e-2 * Math.abs(expected));
}

function output(outputs: ReturnType<tfl.layers.Layer['apply']>): tf.Tensor {
  return outputs as tf.Tensor;
}
