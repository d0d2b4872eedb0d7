import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import type { LoadedBackbone, LoadOptions } from '../../../lib/backbones/load-backbone.ts';
import { fixturePath } from '../fixtures.ts';
import type { GoldenImage } from './golden-images.ts';
import { goldenImages, preprocess } from './golden-images.ts';
import type { GoldenSummary } from './golden-summary.ts';
import { differences } from './golden-summary.ts';

type Output = 'features' | 'logits';
export type LoadTrained = (options: Pick<LoadOptions, 'inputSize' | 'top' | 'pooling'>) => Promise<LoadedBackbone>;

/**
 * Holds a backbone with its ImageNet weights to what an independent build gives, at the sizes of
 * test/fixtures/backbones/FILE.golden.json.
 */
export function describeImagenetGolden(file: string, sides: readonly number[], load: LoadTrained): void {
  const golden: { outputs: Record<string, Record<Output, GoldenSummary>> } = JSON.parse(
    readFileSync(fixturePath(`backbones/${file}.golden.json`), 'utf8'),
  );
  describe.each(sides)('at %i pixels', (side) => {
    const loaded = new Map<Output, Promise<LoadedBackbone>>();
    const loadOnce = (output: Output): Promise<LoadedBackbone> => {
      const backbone =
        loaded.get(output) ?? load({ inputSize: side, ...(output === 'logits' ? { top: true } : { pooling: 'avg' }) });
      loaded.set(output, backbone);
      return backbone;
    };
    afterAll(async () => {
      for (const backbone of loaded.values()) (await backbone).model.dispose();
    });

    it.each<{ image: GoldenImage; output: Output }>([
      { image: 'noise', output: 'features' },
      { image: 'gradient', output: 'features' },
      { image: 'noise', output: 'logits' },
      { image: 'gradient', output: 'logits' },
    ])('gives the $output of an independent build for the image of $image', async ({ image, output }) => {
      const { model, preprocessing } = await loadOnce(output);
      const pixels = preprocess(goldenImages[image]('', side, side), preprocessing);
      const values = tf.tidy(() => (model.predict(tf.tensor(pixels, [1, side, side, 3])) as tf.Tensor).dataSync<'float32'>());
      expect(differences(values, golden.outputs[`${image}@${side}`]![output])).toEqual([]);
    });
  });
}
