import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const { layers } = tfl;

describe('training steps', () => {
  it('keep the number of tensors and their bytes', () => {
    const model = tfl.sequential({
      layers: [
        layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, activation: 'relu', inputShape: [16, 16, 3] }),
        layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' }),
        layers.batchNormalization(),
        layers.averagePooling2d({ poolSize: 3, strides: 1, padding: 'same' }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.flatten(),
        layers.dense({ units: 5 }),
      ],
    });
    const images = tf.randomNormal([8, 16, 16, 3], 0, 1, 'float32', 1);
    const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 3, 4, 0, 1, 2], 'int32'), 5);
    const optimizer = tf.train.adam(1e-3);
    const step = (): void => {
      optimizer
        .minimize(() => tf.losses.softmaxCrossEntropy(labels, model.apply(images, { training: true }) as tf.Tensor2D), true)
        ?.dispose();
    };

    step();
    const { numTensors, numBytes } = tf.memory();
    for (let count = 0; count < 20; count++) step();
    expect(tf.memory()).toMatchObject({ numTensors, numBytes });
  });
});
