import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { TrainingSpec } from '../../../lib/contracts/training-spec.ts';
import { categoricalCrossEntropy } from '../../../lib/training/losses/loss.ts';
import { openStepTimer } from '../../../lib/training/step-timer.ts';
import { startTensorFlowEngine } from '../../../lib/training/tensorflow/tensorflow-engine.ts';

const loss = categoricalCrossEntropy();
const batch = { inputs: Float32Array.of(1, 2, 3, 4), targets: Float32Array.of(1, 0, 0, 1) };

test('steps take time, and change neither weights nor statistics nor what may train', async () => {
  const engine = await startTensorFlowEngine();
  const model = tfl.sequential({
    layers: [
      tfl.layers.batchNormalization({ inputShape: [2], name: 'norm' }),
      tfl.layers.dense({ units: 2, name: 'logits', trainable: false }),
    ],
  });
  const weights = () => model.getWeights().map((weight) => [...weight.dataSync()]);
  const before = weights();
  const tensors = tf.memory().numTensors;
  const training = TrainingSpec.parse({ optimizer: { name: 'adamw', learningRate: 1, weightDecay: 0.5 } });
  const timer = await openStepTimer(engine.open(model), { loss, training, trainable: ['norm', 'logits'] });
  expect(await timer.time(async () => batch)).toBeGreaterThan(0);
  await expect(timer.time(() => Promise.reject(new Error('no batch')))).rejects.toThrow('no batch');
  timer.close();
  expect(weights()).toEqual(before);
  expect(model.layers.map(({ trainable }) => trainable)).toEqual([true, false]);
  expect(tf.memory().numTensors).toBe(tensors);
  model.dispose();
});
