import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { OptimizerSpec } from '../../../../lib/contracts/training-spec.ts';
import { drawBatch } from '../../../../lib/training/draw-batch.ts';
import { categoricalCrossEntropy } from '../../../../lib/training/losses/loss.ts';
import { engines, useTensorFlow } from '../../../support/tensorflow.ts';

useTensorFlow();

/**
 * The head has 1.2 million weights: one gradient or slot that each step leaves behind is 2.2 GB. The allocator alone moves
 * the resident memory by some 30 MB.
 */
const GROWTH_BYTES = 100 * 2 ** 20;

test('five hundred steps in ONNX Runtime, with evaluations between, keep the memory of the fiftieth', async () => {
  const { layers } = tfl;
  const model = tfl.sequential({
    layers: [
      layers.conv2d({ filters: 16, kernelSize: 3, strides: 2, activation: 'relu', inputShape: [16, 16, 3] }),
      layers.batchNormalization(),
      layers.flatten(),
      layers.dense({ units: 1536, activation: 'relu' }),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 10 }),
    ],
  });
  const [loss, optimizer] = [categoricalCrossEntropy(), OptimizerSpec.parse({ name: 'adam', globalClipNorm: 1 })];
  const network = engines.onnx.open(model);
  const batch = drawBatch(model, 8);
  const trainer = network.openTrainer({ loss, optimizer });
  const run = async (from: number, to: number): Promise<void> => {
    for (let step = from; step < to; step++) {
      await trainer.accumulate(batch, { seedOf: () => step });
      trainer.update(1e-3);
      await trainer.readOutcomes();
      if (step % 25 === 0) await network.evaluate(batch, loss);
    }
  };
  await run(0, 50);
  const [tensors, resident] = [tf.memory().numTensors, residentBytes()];
  await run(50, 500);
  expect(tf.memory().numTensors).toBe(tensors);
  expect(residentBytes() - resident).toBeLessThan(GROWTH_BYTES);
  trainer.close();
});

/** Memory of this process, without what JavaScript no longer needs. */
function residentBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage.rss();
}
