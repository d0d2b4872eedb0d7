import sharp from 'sharp';
import { expect, it } from 'vitest';
import { openExplainerLazily } from '../../../lib/explanation/lazy-explainer.ts';
import { openServedModel } from '../../../lib/inference/served-model.ts';
import type { OnnxSession } from '../../../lib/onnx/onnx-session.ts';

const card = {
  model: 'scenes',
  labels: ['desert', 'sea', 'trees'],
  input: { height: 4, width: 4, resize: 'bilinear' },
} as const;

/** A session that gives every image these probabilities. */
const saying = (probabilities: number[]): OnnxSession => ({
  inputs: [],
  outputs: [],
  run: async (_, [images = 0]) => ({
    data: Float32Array.from(Array.from({ length: images }, () => probabilities).flat()),
    dims: [images, probabilities.length],
  }),
  close: async () => {},
});

async function answer(more: { task: 'single-label' | 'multi-label'; thresholds?: number[] }) {
  const model = await openServedModel(
    { card: { ...card, ...more, labels: [...card.labels] }, onnx: new Uint8Array() },
    async () => saying([0.25, 0.5, 0.125]),
    { openExplainer: openExplainerLazily, readOnnx: async () => new Uint8Array() },
  );
  const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const [prediction] = await model.predict([{ name: 'a.png', bytes }], 2);
  await model.close();
  return prediction;
}

it('tells the most probable labels', async () => {
  expect(await answer({ task: 'single-label' })).toEqual({
    image: 'a.png',
    labels: [
      { label: 'sea', probability: 0.5 },
      { label: 'desert', probability: 0.25 },
    ],
    abstained: false,
  });
});

it.each([
  ['its own threshold', [0.2, 0.6, 0.5], [false, true]],
  ['a half where it has none', undefined, [true, false]],
])('says of each label of several whether it is given: it reaches %s', async (_, thresholds, given) => {
  const prediction = await answer({ task: 'multi-label', ...(thresholds && { thresholds }) });
  expect(prediction?.labels.map((label) => label.given)).toEqual(given);
});
