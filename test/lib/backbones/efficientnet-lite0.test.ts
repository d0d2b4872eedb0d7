import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { bundledFile } from '../../../lib/backbones/bundled-file.ts';
import type { LoadedBackbone } from '../../../lib/backbones/load-backbone.ts';
import { loadBackbone } from '../../../lib/backbones/load-backbone.ts';
import { readWeights } from '../../../lib/backbones/weights/read-weights.ts';
import type { GoldenImage } from '../../support/golden-images.ts';
import { goldenImages, preprocess } from '../../support/golden-images.ts';
import type { GoldenSummary } from '../../support/golden-summary.ts';
import { differences } from '../../support/golden-summary.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

const fixture = new URL('../../fixtures/backbones/efficientnet-lite0.golden.json', import.meta.url);
const golden: { outputs: Record<string, { features: GoldenSummary; logits: GoldenSummary }> } = JSON.parse(
  readFileSync(fixture, 'utf8'),
);

useTensorFlow();

describe.each([128, 224])('EfficientNet-Lite0 with its bundled weights at %i pixels', (side) => {
  const loaded = new Map<string, Promise<LoadedBackbone>>();
  const load = (output: 'features' | 'logits'): Promise<LoadedBackbone> => {
    const options = output === 'logits' ? { top: true } : { pooling: 'avg' as const };
    const backbone = loaded.get(output) ?? loadBundled({ inputSize: side, ...options });
    loaded.set(output, backbone);
    return backbone;
  };
  afterAll(async () => {
    for (const backbone of loaded.values()) (await backbone).model.dispose();
  });

  it.each<{ image: GoldenImage; output: 'features' | 'logits' }>([
    { image: 'noise', output: 'features' },
    { image: 'gradient', output: 'features' },
    { image: 'noise', output: 'logits' },
    { image: 'gradient', output: 'logits' },
  ])('gives the $output of an independent build for the image of $image', async ({ image, output }) => {
    const { model, preprocessing } = await load(output);
    const pixels = preprocess(goldenImages[image]('', side, side), preprocessing);
    const values = tf.tidy(() => (model.predict(tf.tensor(pixels, [1, side, side, 3])) as tf.Tensor).dataSync<'float32'>());
    expect(differences(values, golden.outputs[`${image}@${side}`]![output])).toEqual([]);
  });
});

async function loadBundled(options: { inputSize: number; top?: boolean; pooling?: 'avg' }): Promise<LoadedBackbone> {
  const weights = await readWeights(await bundledFile('efficientnet-lite0.safetensors'));
  return loadBackbone({ name: 'efficientnet_lite0', weights, ...options });
}
