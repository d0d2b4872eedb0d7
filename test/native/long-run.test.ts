import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { onBoth, startBoth } from '../support/both-runtimes.ts';

beforeAll(startBoth);

const { layers } = tfl;

describe('five hundred training steps of convolutions and a large head', () => {
  it('keep the number of tensors, and the memory of the fiftieth', async () => {
    const growth = await onBoth(() => {
      const step = trainingStep();
      for (let count = 0; count < 50; count++) step();
      const [tensors, resident] = [tf.memory().numTensors, residentBytes()];
      for (let count = 50; count < 500; count++) step();
      return { tensors: tf.memory().numTensors - tensors, memory: residentBytes() / resident };
    });
    for (const { tensors, memory } of Object.values(growth)) {
      expect(tensors).toBe(0);
      expect(memory).toBeLessThan(1.05);
    }
  });
});

function trainingStep(): () => void {
  const model = tfl.sequential({
    layers: [
      layers.conv2d({ filters: 32, kernelSize: 3, strides: 2, activation: 'relu', inputShape: [32, 32, 3] }),
      layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' }),
      layers.batchNormalization(),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 256, activation: 'relu' }),
      layers.dense({ units: 10 }),
    ],
  });
  const images = tf.randomNormal([16, 32, 32, 3], 0, 1, 'float32', 1);
  const labels = tf.oneHot(
    tf.tensor1d(
      [...Array(16).keys()].map((image) => image % 10),
      'int32',
    ),
    10,
  );
  const optimizer = tf.train.adam(1e-3);
  const loss = (): tf.Scalar => tf.losses.softmaxCrossEntropy(labels, model.apply(images, { training: true }) as tf.Tensor2D);
  return () => optimizer.minimize(loss);
}

/** Memory of this process, without what JavaScript no longer needs. */
function residentBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage.rss();
}
