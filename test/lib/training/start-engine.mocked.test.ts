import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it, vi } from 'vitest';
import { OptimizerSpec } from '../../../lib/contracts/training-spec.ts';
import { RuntimeError } from '../../../lib/errors.ts';
import { drawBatch } from '../../../lib/training/draw-batch.ts';
import { categoricalCrossEntropy } from '../../../lib/training/losses/loss.ts';
import { startEngine } from '../../../lib/training/start-engine.ts';

vi.mock('../../../lib/tensor/native/find-native.ts', () => ({
  findNative: () => {
    throw new RuntimeError('NATIVE_DAMAGED', { at: 'infra/native/runtime' });
  },
}));

/** Trains one step. @returns the first weight before and after it */
async function trainStep(layer: tfl.layers.Layer) {
  const engine = await startEngine({ environment: {} });
  const input = tfl.input({ shape: [4] });
  const output = tfl.layers.dense({ units: 2 }).apply(layer.apply(input)) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: input, outputs: output });
  const weight = () => [...(model.getWeights()[0]?.dataSync() ?? [])];
  const before = weight();
  const network = await engine.open(model);
  const trainer = network.openTrainer({ loss: categoricalCrossEntropy(), optimizer: OptimizerSpec.parse({ name: 'sgd' }) });
  await trainer.accumulate(drawBatch(model, 4), { seedOf: () => 1 });
  trainer.update(0.1);
  trainer.close();
  return { engine: engine.runtime.name, trained: network.runtime.name, before, after: weight() };
}

const backends = () => Object.keys(tf.engine().registryFactory);

it('trains in ONNX Runtime if native TensorFlow is damaged, and starts no runtime of TensorFlow', async () => {
  const { engine, trained, before, after } = await trainStep(tfl.layers.dense({ units: 3 }));
  expect([engine, trained]).toEqual(['onnx', 'onnx']);
  expect(after).not.toEqual(before);
  expect(backends()).toEqual(['cpu']);
});

it('starts TensorFlow for a network that ONNX Runtime cannot train, whose weights are plain arrays until then', async () => {
  const { engine, trained, before, after } = await trainStep(tfl.layers.gaussianNoise({ stddev: 0.1 }));
  expect([engine, trained]).toEqual(['onnx', 'wasm']);
  expect(after).not.toEqual(before);
  expect(backends()).toEqual(['cpu', 'wasm']);
});
