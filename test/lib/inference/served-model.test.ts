import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { ServedCard } from '../../../lib/contracts/served-card.ts';
import { openExplainerLazily } from '../../../lib/explanation/lazy-explainer.ts';
import { openServedModel } from '../../../lib/inference/served-model.ts';
import type { OnnxSession } from '../../../lib/onnx/onnx-session.ts';

const card = {
  model: 'scenes',
  labels: ['desert', 'sea', 'trees'],
  input: { height: 4, width: 4, resize: 'bilinear' },
} as const;

/** A session that gives every image these probabilities, and this novelty score. */
const saying = (probabilities: number[], novelty?: number): OnnxSession => ({
  inputs: [],
  outputs: ['probabilities', ...(novelty === undefined ? [] : ['novelty'])].map((name) => ({ name, shape: ['N'] })),
  run: async (_, [images = 0], further = []) => ({
    data: Float32Array.from(Array.from({ length: images }, () => probabilities).flat()),
    dims: [images, probabilities.length],
    further: further.map(() => ({ data: new Float32Array(images).fill(novelty ?? Number.NaN), dims: [images] })),
  }),
  close: async () => {},
});

async function answer(
  more: Pick<ServedCard, 'task'> & Partial<ServedCard>,
  { novelty, precision }: { novelty?: number; precision?: number } = {},
) {
  const model = await openServedModel(
    { card: { ...card, labels: [...card.labels], ...more }, onnx: new Uint8Array() },
    async () => saying([0.25, 0.5, 0.125], novelty),
    { openExplainer: openExplainerLazily, readOnnx: async () => new Uint8Array() },
  );
  const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const [prediction] = await model.predict([{ name: 'a.png', bytes }], 2, { precision });
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

const novelty = { rate: 0.05, threshold: 1.5, images: 100, expectedShare: 0.05 };

it.each([
  ['known up to the threshold', 1.5, { known: true, unknownScore: 1.5 }],
  ['unknown above it', 1.75, { known: false, unknownScore: 1.75 }],
])('tells that an image is %s', async (_, score, expected) => {
  expect(await answer({ task: 'single-label', novelty }, { novelty: score })).toMatchObject(expected);
});

it.each<[string, Partial<ServedCard>, number | undefined]>([
  ['whose graph has no score', { novelty }, undefined],
  ['whose card has no threshold', {}, 1],
  ['whose card says why there is no score', { novelty: { rate: 0.05, omitted: 'Too few images.' } }, undefined],
])('says nothing about novelty of a model %s', async (_, more, score) => {
  const prediction = await answer({ task: 'single-label', ...more }, score === undefined ? {} : { novelty: score });
  expect(prediction).not.toHaveProperty('known');
  expect(prediction).not.toHaveProperty('unknownScore');
});

describe('a precision', () => {
  const single = {
    task: 'single-label' as const,
    abstention: {
      images: 50,
      targets: [
        { precision: 0.9, thresholds: [0.4], coverage: 1 },
        { precision: 0.95, thresholds: [0.6], coverage: 0.5 },
        { precision: 0.99, thresholds: [null], coverage: 0 },
      ],
    },
  };

  it.each([
    [0.8, false],
    [0.9, false],
    [0.91, true],
    [0.95, true],
  ])('of %d has the threshold of the next higher one in the card', async (precision, abstained) => {
    expect(await answer(single, { precision })).toMatchObject({ abstained, labels: [{ label: 'sea' }, { label: 'desert' }] });
  });

  it('gives the labels of a multi-label model from its own threshold of each', async () => {
    const abstention = { images: 50, targets: [{ precision: 0.9, thresholds: [0.2, null, 0.3] }] };
    const prediction = await answer({ task: 'multi-label', abstention }, { precision: 0.9 });
    expect(prediction).toMatchObject({
      abstained: false,
      labels: [
        { label: 'sea', given: false },
        { label: 'desert', given: true },
      ],
    });
  });

  it.each<[string, Parameters<typeof answer>[0], string]>([
    ['that the model does not reach', single, 'at most 0.95'],
    ['of a model without thresholds', { task: 'single-label' }, 'a model with thresholds for a precision'],
  ])('%s is an error', async (_, more, expected) => {
    await expect(answer(more, { precision: 0.99 })).rejects.toMatchObject({ code: 'PRECISION_UNAVAILABLE', expected });
  });
});

it.each([
  ['probabilities', 0],
  ['novelty scores', 1],
])('names the image whose %s are not numbers', async (_, output) => {
  const session = saying([0.25, 0.5, 0.125], 1);
  const model = await openServedModel(
    { card: { ...card, labels: [...card.labels], task: 'multi-label', novelty }, onnx: new Uint8Array() },
    async () => ({
      ...session,
      run: async (...asked) => {
        const outputs = await session.run(...asked);
        // The last number is of the last image.
        [outputs, ...outputs.further][output]?.data.set([Number.NaN], output === 0 ? 5 : 1);
        return outputs;
      },
    }),
    { openExplainer: openExplainerLazily, readOnnx: async () => new Uint8Array() },
  );
  const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const images = ['a.png', 'b.png'].map((name) => ({ name, bytes }));
  await expect(model.predict(images, 2)).rejects.toMatchObject({
    name: 'DataError',
    code: 'PREDICTION_NOT_FINITE',
    at: 'b.png',
    received: 'NaN',
  });
  await model.close();
});

it.each([
  [224, 32, [32]],
  [600, 9, [4, 4, 1]],
  [2048, 2, [1, 1]],
])('limits the batches of images of %d pixels by their input values, and keeps the order', async (side, count, batches) => {
  const sizes: number[] = [];
  // The probability of the first label, and the novelty score, are the red of the first pixel.
  const session: OnnxSession = {
    ...saying([0, 0, 0], 0),
    run: async (pixels, dims, further = []) => {
      const [images = 0, height = 0, width = 0] = dims;
      sizes.push(images);
      const red = Array.from({ length: images }, (_, row) => (pixels[row * height * width * 3] ?? 0) / 256);
      const data = Float32Array.from(red.flatMap((value) => [value, 1 - value, 0]));
      return { data, dims: [images, 3], further: further.map(() => ({ data: Float32Array.from(red), dims: [images] })) };
    },
  };
  const input = { height: side, width: side, resize: 'bilinear' } as const;
  const model = await openServedModel(
    { card: { ...card, labels: [...card.labels], input, task: 'multi-label', novelty }, onnx: new Uint8Array() },
    async () => session,
    { openExplainer: openExplainerLazily, readOnnx: async () => new Uint8Array() },
  );
  const images = await Promise.all(
    Array.from({ length: count }, async (_, red) => {
      const background = { r: red * 8, g: 0, b: 0 };
      const image = sharp({ create: { width: 8, height: 8, channels: 3, background } });
      return { name: `${red}.png`, bytes: await image.png().toBuffer() };
    }),
  );
  const predictions = await model.predict(images, 3);
  await model.close();
  expect(sizes).toEqual(batches);
  expect(
    predictions.map(({ image, labels, unknownScore }) => [image, labels.find((one) => one.label === 'desert'), unknownScore]),
  ).toEqual(images.map(({ name }, red) => [name, expect.objectContaining({ probability: red / 32 }), red / 32]));
});

it('refuses a graph that is not the one of the card', async () => {
  const modelDigest = `sha256-${'0'.repeat(64)}`;
  await expect(answer({ task: 'single-label', modelDigest })).rejects.toMatchObject({ code: 'MODEL_PACKAGE_DAMAGED' });
});

it('refuses labels that are not as many as the probabilities', async () => {
  const labels = [...card.labels, 'one more'];
  await expect(answer({ task: 'single-label', labels })).rejects.toMatchObject({
    code: 'MODEL_PACKAGE_DAMAGED',
    expected: '3 labels, one for each probability of model.onnx',
    received: 4,
  });
});

it('crops images if its card says so, and says what an explanation covers', async () => {
  const input = { ...card.input, cropToAspectRatio: true } as const;
  const seen: number[][] = [];
  const session: OnnxSession = {
    ...saying([0.25, 0.5, 0.125]),
    run: async (pixels, dims, further) => {
      seen.push([...pixels]);
      return saying([0.25, 0.5, 0.125]).run(pixels, dims, further);
    },
  };
  const heat = { method: 'occlusion', grid: [1, 1], values: Float64Array.of(1) } as const;
  const model = await openServedModel(
    { card: { ...card, labels: [...card.labels], input, task: 'single-label' }, onnx: new Uint8Array() },
    async () => session,
    {
      openExplainer: async () => ({ method: heat.method, explain: async () => heat, close: async () => {} }),
      readOnnx: async () => new Uint8Array(),
    },
  );
  // Red in the middle, and blue at both sides.
  const red = await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const bytes = await sharp({ create: { width: 8, height: 4, channels: 3, background: 'blue' } })
    .composite([{ input: red, left: 2, top: 0 }])
    .png()
    .toBuffer();
  const [prediction] = await model.predict([{ name: 'a.png', bytes }], 2, { explain: {} });
  await model.close();
  expect(seen).toEqual([Array.from({ length: 16 }, () => [255, 0, 0]).flat()]);
  expect(prediction?.explanation?.crop).toEqual({ left: 0.25, top: 0, width: 0.5, height: 1 });
});
