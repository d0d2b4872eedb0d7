import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { storeOwnModel } from '../../../../lib/backbones/own/own-store.ts';
import { ownTail } from '../../../../lib/backbones/own/own-tail.ts';
import { stack } from '../../../../lib/freezing/cut-model.ts';
import { buildHead } from '../../../../lib/heads/build-head.ts';
import type { OnnxResult } from '../../../../lib/onnx/onnx-session.ts';
import { openTensorSession } from '../../../../lib/onnx/tensor-session.ts';
import { startTensorFlow } from '../../../../lib/tensor/start-tensorflow.ts';
import { categoricalCrossEntropy } from '../../../../lib/training/losses/loss.ts';
import { ModelWeights } from '../../../../lib/training/onnx/model-weights.ts';
import { buildTrainingGraph } from '../../../../lib/training/onnx/training-graph.ts';
import { encoderBytes } from '../../../support/weights/own-models.ts';
import { testWorld } from '../../../support/world.ts';

const STEP = 1 / 64;

async function tailOf(name: string, cut: string) {
  await startTensorFlow();
  const { store } = testWorld();
  const sha256 = await storeOwnModel(encoderBytes(name), store);
  return ownTail({ own: { sha256, mean: [0, 0, 0], std: [1, 1, 1] } }, cut, store);
}

test("the gradients of an encoder's own weights equal central differences of the loss", async () => {
  const tail = await tailOf('siglip', '/Add_25_output_0');
  const head = buildHead('linear', [16], { classes: 3, seed: 1, lossTerms: 4 });
  const model = stack(tail, head);
  const graph = buildTrainingGraph(model, { loss: categoricalCrossEntropy() });
  const weights = new ModelWeights(model);
  // A new head of zeros would pass no gradient on.
  for (const { name } of graph.parameters.filter((each) => !each.name.startsWith('encoder/'))) {
    weights.array(name).forEach((_, i, values) => {
      values[i] = Math.cos(i);
    });
  }
  const session = await openTensorSession(graph.model);
  const feeds = new Map<string, OnnxResult>([
    ['inputs', { data: Float32Array.from({ length: 4 * 256 }, (_, i) => Math.sin(i)), dims: [4, 16, 1, 16] }],
    ['targets', { data: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0), dims: [4, 3] }],
    ['weights', { data: new Float32Array(4).fill(1 / 4), dims: [4, 1] }],
    ['share', { data: Float32Array.of(1), dims: [] }],
    ...graph.noises.map(
      ({ name, shape }) => [name, { data: new Float32Array(64).fill(1), dims: shape.map((size) => size ?? 4) }] as const,
    ),
    ...graph.parameters.map((parameter) => [parameter.name, weights.feed(parameter)] as const),
  ]);
  const names = [...graph.gradients.keys()].filter((name) => name.startsWith('encoder/'));
  expect(names.sort()).toEqual(
    [
      'mlp.fc1.bias',
      'mlp.fc1.weight',
      'mlp.fc2.bias',
      'mlp.fc2.weight',
      'norm.bias',
      'norm.weight',
      'norm2.bias',
      'norm2.weight',
    ].map((name) => `encoder/w_${name}`),
  );
  const lossWith = async () =>
    (await session.run(feeds, new Map([[graph.loss, undefined]]))).get(graph.loss)?.data[0] ?? Number.NaN;
  const found = await session.run(feeds, new Map([...graph.gradients.values()].map((output) => [output, undefined])));
  for (const name of names) {
    const gradient = found.get(graph.gradients.get(name) ?? '')?.data ?? new Float32Array();
    const values = weights.array(name);
    for (const i of [0, Math.floor(values.length / 2), values.length - 1]) {
      const value = values[i] ?? 0;
      values[i] = value + STEP;
      const above = await lossWith();
      values[i] = value - STEP;
      const below = await lossWith();
      values[i] = value;
      expect(Math.abs((above - below) / (2 * STEP) - (gradient[i] ?? Number.NaN)), `${name}[${i}]`).toBeLessThan(1e-3);
    }
    expect(Math.max(...gradient.map(Math.abs)), name).toBeGreaterThan(1e-3);
  }
  await session.close();
});

test('TensorFlow.js does not compute it, and says what does', async () => {
  const tail = await tailOf('resnet', '/MaxPool_3_output_0');
  expect(() => tail.predict(tf.zeros([1, 12, 12, 8]))).toThrow('ONNX');
});
