import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { bundledFile } from '../../../lib/backbones/bundled-file.ts';
import { loadBackbone } from '../../../lib/backbones/load-backbone.ts';
import { modelWeights } from '../../../lib/backbones/weights/model-weights.ts';
import { readWeights } from '../../../lib/backbones/weights/read-weights.ts';
import type { WeightFile } from '../../../lib/backbones/weights/weight-file.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const name = 'efficientnet_lite0';

describe('loadBackbone', () => {
  it('draws the same weights, under the same digest, from the same seed only', async () => {
    const drawn = async (seed: number) => {
      const { model, weightsDigest } = loadBackbone({ name, inputSize: 32, weights: 'none', seed });
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
    const weights = await bundledLite0();
    const [small, large] = [32, 64].map((inputSize) => loadBackbone({ name, inputSize, weights }));
    expect(small!.weightsDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(large!.weightsDigest).toBe(small!.weightsDigest);
    for (const backbone of [small!, large!]) backbone.model.dispose();
  });

  it('keeps no tensor of a backbone that its weights do not fit', async () => {
    const weights = await bundledLite0();
    const before = tf.memory().numTensors;
    expect(() => loadBackbone({ name: 'efficientnet_b0', inputSize: 32, weights })).toThrow(/Weights mismatch/);
    expect(tf.memory().numTensors).toBe(before);
  });
});

async function bundledLite0(): Promise<WeightFile> {
  return readWeights(await bundledFile('efficientnet-lite0.safetensors'));
}
