import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { exportModel } from '../../../lib/model-exports/export-model.ts';
import type { ExportedModel } from '../../../lib/model-exports/exported-model.ts';
import { predictWithTfjs, trainWithTfjs } from '../../support/browser/predict-with-tfjs.ts';
import { fixturePath } from '../../support/fixtures.ts';
import { blueFirst } from '../../support/models/blue-first.ts';
import { convolutionalClassifier } from '../../support/models/convolutional-classifier.ts';
import { exportedModel, graftPredictions, largestDifference } from '../../support/models/exported-model.ts';

const images = [
  'trash/glass/glass119.jpg',
  'trash/metal/metal102.jpg',
  'odd-images/exif-6.jpg',
  'odd-images/alpha.png',
  'odd-images/gray.jpg',
].map(fixturePath);

const plain = exportedModel();
const models: readonly (readonly [string, ExportedModel])[] = [
  ['a linear classifier', plain],
  ['several labels an image', exportedModel({ task: 'multi-label' })],
  ['cropped images', exportedModel({ crops: true })],
  ['convolutions with padding that Keras has no name for', { ...plain, onnx: convolutionalClassifier(3, plain.card.input) }],
  ['channels in another order', { ...plain, onnx: blueFirst(3, plain.card.input) }],
  ['a novelty score, which it leaves out', exportedModel({ novelty: 0.5 })],
];

test.each(models)('the LayersModel predicts as Graft does: %s', async (_, model) => {
  const predicted = await predictWithTfjs(await exportModel(model, 'tfjs'), images);
  expect(predicted).toHaveLength(images.length);
  const seen = new Set<string>();
  for (const [index, labels] of predicted.entries()) {
    const expected = await graftPredictions(model, await readFile(images[index]!));
    expect(largestDifference(labels, expected)).toBeLessThan(1e-4);
    expect(labels[0]?.label).toBe(expected[0]?.label);
    seen.add(expected[0]!.probability.toFixed(3));
  }
  // The images are told apart.
  expect(seen.size).toBeGreaterThan(2);
});

test('training goes on in TF.js: all layers train but the preprocessing', async () => {
  const model = { ...plain, onnx: blueFirst(3, plain.card.input) };
  const { losses, frozen, trained } = await trainWithTfjs(await exportModel(model, 'tfjs'));
  expect(losses.at(-1)).toBeLessThan(losses[0]!);
  expect(frozen).toEqual([true, true]);
  expect(trained).toEqual(trained.map(() => false));
  expect(trained.length).toBeGreaterThan(2);
});

test('the README shows the example, and NOTICE the licence', async () => {
  const files = new Map((await exportModel(plain, 'tfjs')).map(({ name, content }) => [name, `${content}`]));
  expect(files.get('README.md')).toContain(files.get('predict.mjs'));
  expect(files.get('README.md')).toContain('float32 `[N, 24, 32, 3]`');
  expect(files.get('NOTICE')).toContain('Licence of these weights: Apache-2.0');
  expect(JSON.parse(files.get('labels.json') ?? '')).toEqual(['cardboard', 'glass', 'metal']);
});

test.each(['tfjs', 'keras'] as const)('%s refuses a one-class model, which has no layers to train', async (format) => {
  const card = { ...plain.card, task: 'one-class' as const, labels: ['good'] };
  await expect(exportModel({ ...plain, card }, format)).rejects.toMatchObject({ code: 'EXPORT_FORMAT_INCOMPATIBLE' });
});

test.each(['tfjs', 'keras'] as const)("%s refuses a user's own encoder, and names the formats that work", async (format) => {
  const own = { ...plain, backbone: { ...plain.backbone, isOwn: true } };
  await expect(exportModel(own, format)).rejects.toMatchObject({
    code: 'EXPORT_FORMAT_INCOMPATIBLE',
    fix: 'use another format: onnx, npm, web or html; or train on a backbone of the catalogue',
  });
});
