import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { loadBackbone } from '../../../lib/backbones/load-backbone.ts';
import { modelWeights } from '../../../lib/backbones/model-weights.ts';
import type { WeightTensor } from '../../../lib/backbones/weights/safetensors.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const name = 'efficientnet_lite0';

describe('loadBackbone', () => {
  it('draws the same weights, under the same digest, from the same seed only', async () => {
    const drawn = async (seed: number) => {
      const { model, weightsDigest } = await loadBackbone({ name, inputSize: 32, weights: 'none', seed });
      const [stem] = modelWeights(model);
      const values = [...(stem?.variable.read().dataSync() ?? [])];
      model.dispose();
      return { weightsDigest, values };
    };
    const [first, again, other] = [await drawn(1), await drawn(1), await drawn(2)];
    expect(again).toEqual(first);
    expect(other.weightsDigest).not.toBe(first.weightsDigest);
    expect(other.values).not.toEqual(first.values);
    const limit = Math.sqrt(6 / (9 * (3 + 32)));
    expect(Math.max(...first.values.map(Math.abs))).toBeGreaterThan(0.95 * limit);
    expect(Math.max(...first.values.map(Math.abs))).toBeLessThanOrEqual(limit);
  });

  it('gives the same digest at every input size, for it is the weights that it names', async () => {
    const [small, large] = await Promise.all([32, 64].map((inputSize) => loadBackbone({ name, inputSize, weights: 'bundled' })));
    expect(small!.weightsDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(large!.weightsDigest).toBe(small!.weightsDigest);
    for (const backbone of [small!, large!]) backbone.model.dispose();
  });

  it.each<{ what: string; change: (tensors: Map<string, WeightTensor>) => void; received: string }>([
    { what: 'lacks a tensor', change: (tensors) => tensors.delete('block3b_bn/beta'), received: 'no such tensor' },
    {
      what: 'has one of another shape',
      change: (tensors) => tensors.set('block3b_bn/beta', { shape: [2], data: new Float32Array(2) }),
      received: 'shape [2]',
    },
  ])('names the first weight where a file $what, and keeps no tensor', async ({ change, received }) => {
    const source = await loadBackbone({ name, inputSize: 32, weights: 'none' });
    const tensors = new Map(
      modelWeights(source.model).map(({ label, variable }): [string, WeightTensor] => [
        label,
        { shape: variable.shape.map(Number), data: variable.read().dataSync<'float32'>() },
      ]),
    );
    source.model.dispose();
    change(tensors);
    const before = tf.memory().numTensors;
    await expect(loadBackbone({ name, inputSize: 32, weights: tensors })).rejects.toMatchObject({
      code: 'WEIGHTS_MISMATCH',
      at: 'block3b_bn/beta',
      received,
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
