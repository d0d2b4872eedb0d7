import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { OptimizerSpec } from '../../lib/contracts/training-spec.ts';
import { categoricalCrossEntropy } from '../../lib/training/losses/loss.ts';
import { createTrainer } from '../../lib/training/tensorflow/trainer.ts';
import { onBoth, startBoth } from '../support/both-runtimes.ts';

beforeAll(startBoth);

const { layers } = tfl;

describe('five hundred training steps of convolutions and a large head', () => {
  it('keep the number of tensors, and the memory of the fiftieth', async () => {
    await expectFlat(trainingStep);
  });
});

const optimizers = [
  { name: 'sgd' },
  { name: 'sgd', momentum: 0.9, nesterov: true },
  { name: 'rmsprop', momentum: 0.9, centered: true },
  { name: 'adagrad' },
  { name: 'adam', amsgrad: true, clipNorm: 1 },
  { name: 'adamw', globalClipNorm: 1 },
];

describe('five hundred steps of the training loop', () => {
  it.each(optimizers.map((spec) => [JSON.stringify(spec), OptimizerSpec.parse(spec)] as const))(
    'with %s keep the number of tensors, and the memory of the fiftieth',
    async (_, optimizer) => {
      await expectFlat(() => learningStep(optimizer));
    },
  );
});

async function expectFlat(prepare: () => () => unknown): Promise<void> {
  const growth = await onBoth(async () => {
    const step = prepare();
    for (let count = 0; count < 50; count++) await step();
    const [tensors, resident] = [tf.memory().numTensors, residentBytes()];
    for (let count = 50; count < 500; count++) await step();
    return { tensors: tf.memory().numTensors - tensors, bytes: residentBytes() - resident };
  });
  for (const { tensors, bytes } of Object.values(growth)) {
    expect(tensors).toBe(0);
    expect(bytes).toBeLessThan(GROWTH_BYTES);
  }
}

/**
 * The kernels of both networks have at least a megabyte: one gradient or slot that each step leaves behind is 450 MB.
 * The allocator alone moves the resident memory by some 30 MB.
 */
const GROWTH_BYTES = 100 * 2 ** 20;

function learningStep(optimizer: OptimizerSpec): () => Promise<unknown> {
  const model = tfl.sequential({
    layers: [
      layers.dense({ units: 256, activation: 'relu', inputShape: [1024] }),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 10 }),
    ],
  });
  const trainer = createTrainer(model, { loss: categoricalCrossEntropy(), optimizer });
  const inputs = Float32Array.from({ length: 16 * 1024 }, (_, i) => Math.sin(i));
  const targets = Float32Array.from({ length: 16 * 10 }, (_, i) => Number(i % 11 === 0));
  return () => {
    trainer.accumulate({ inputs, targets }, { seedOf: () => 1 });
    trainer.update(optimizer.learningRate);
    return trainer.readOutcomes();
  };
}

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
