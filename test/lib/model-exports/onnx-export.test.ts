import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { exportModel } from '../../../lib/model-exports/export-model.ts';
import type { ExportedModel } from '../../../lib/model-exports/exported-model.ts';
import { packageVersions } from '../../../lib/model-exports/package-versions.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { fixturePath } from '../../support/fixtures.ts';
import { scratchFolder } from '../../support/graft.ts';
import { exportedModel, graftPredictions, largestDifference, writeExport } from '../../support/models/exported-model.ts';

/** JPEG with and without an EXIF orientation, transparent pixels, gray, CMYK, WebP. */
const images = [
  'trash/glass/glass119.jpg',
  'trash/metal/metal102.jpg',
  'odd-images/exif-6.jpg',
  'odd-images/alpha.png',
  'odd-images/gray.jpg',
  'odd-images/cmyk.jpg',
  'odd-images/lossy.webp',
].map(fixturePath);

test.each([false, true])('the example for Node.js predicts as Graft does; crops: %s', async (crops) => {
  const model = exportedModel({ crops });
  const folder = scratchFolder();
  writeExport(folder, await exportModel(model, 'onnx'), ['onnxruntime-node', 'sharp']);
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'predict.mjs'), ...images]);
  const predicted = stdout.trim().split('\n');
  expect(predicted).toHaveLength(images.length);
  const seen = new Set<string>();
  for (const line of predicted) {
    const { image, labels } = JSON.parse(line);
    const expected = await graftPredictions(model, await readFile(image));
    expect(largestDifference(labels, expected), image).toBeLessThan(1e-4);
    expect(labels[0].label).toBe(expected[0]?.label);
    seen.add(expected[0]!.probability.toFixed(3));
  }
  // The images are told apart.
  expect(seen.size).toBeGreaterThan(4);
});

test.each([
  ['known', 1e9, true],
  ['unknown', 0.5, false],
])('the example for Node.js says whether an image is %s', async (_, novelty, known) => {
  const folder = scratchFolder();
  const files = await exportModel(exportedModel({ novelty }), 'onnx');
  writeExport(folder, files, ['onnxruntime-node', 'sharp']);
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'predict.mjs'), images[0] ?? '']);
  expect(JSON.parse(stdout)).toMatchObject({ known, labels: [{}, {}, {}] });
  expect(`${files.find(({ name }) => name === 'README.md')?.content}`).toContain('- Output `novelty`');
});

test('the README shows the files that the export has, and the input that the model takes', async () => {
  const files = new Map((await exportModel(exportedModel(), 'onnx')).map(({ name, content }) => [name, content]));
  const readme = `${files.get('README.md')}`;
  for (const name of ['predict.mjs', 'predict-browser.mjs', 'predict.py']) expect(readme).toContain(`\n${files.get(name)}\`\`\``);
  expect(readme).toContain('float32 `[N, 24, 32, 3]`');
  expect(JSON.parse(`${files.get('labels.json')}`)).toEqual(['cardboard', 'glass', 'metal']);
});

const compared = { metric: 'accuracy', before: 1, after: 1, loss: 0, interval: { low: 0, high: 0 }, maxLoss: 0.01 } as const;

test.each([
  { precision: 'float32', text: "all examples return Graft's probabilities within 0.0001." },
  {
    precision: 'float16',
    text: "all examples return the probabilities of this file in Graft's runtime within 0.0001.\nGraft itself",
  },
  { precision: 'int8', text: "all examples return the probabilities of this file in Graft's runtime within 0.02.\nGraft itself" },
] as const)('the README says whose probabilities an export in $precision returns', async ({ precision, text }) => {
  const check = { precision, ...compared, images: 40, sameLabel: 1, size: 1 };
  const model = { ...exportedModel(), ...(precision !== 'float32' && { precision: check }) };
  const files = await exportModel(model, 'onnx');
  expect(`${files.find(({ name }) => name === 'README.md')?.content}`).toContain(text);
});

const noticeOf = async (model: ExportedModel) => {
  const files = await exportModel(model, 'onnx');
  return `${files.find(({ name }) => name === 'NOTICE')?.content}`;
};

test.each([
  ['Apache-2.0', 'https://spdx.org/licenses/Apache-2.0.html\n\n'],
  ['apache-2.0', 'https://spdx.org/licenses/Apache-2.0.html\n\n'],
  ['MIT', 'https://spdx.org/licenses/MIT.html\n  It has to go with copies of the model, with the copyright notice'],
  [
    'BSD-3-Clause',
    'https://spdx.org/licenses/BSD-3-Clause.html\n  It has to go with copies of the model, with the copyright notice',
  ],
  ['not stated', 'Ask their publisher before you pass the model on.'],
  ['proprietary', 'Ask their publisher before you pass the model on.'],
])('NOTICE has the licence of the backbone: %s', async (licence, advice) => {
  const notice = await noticeOf(exportedModel({ licence }));
  expect(notice).toContain(`Licence of these weights: ${licence}`);
  expect(notice).toContain(advice);
});

test.each([
  ['a pretrained network', { name: 'resnet50' }, 'of the pretrained network resnet50,', false],
  ['an encoder of the user', { name: 'own', isOwn: true }, 'of an imported encoder,', false],
  ['a version of unknown origin', { name: 'own', isOwn: true, version: 'all@2' }, 'of the model all@2,', false],
  [
    'a version on a pretrained network',
    { name: 'efficientnet_lite0', isOwn: true, version: 'all@2' },
    'of the pretrained network efficientnet_lite0, by way of the model all@2,',
    true,
  ],
])('NOTICE names the source of the weights: %s', async (_, backbone, source, hasCopyright) => {
  const notice = await noticeOf({ ...exportedModel(), backbone: { licence: 'Apache-2.0', ...backbone } });
  expect(notice).toContain(`The model contains weights ${source} unchanged or fine-tuned.`);
  expect(notice.includes('Copyright (c) 2020 ML Illustrated')).toBe(hasCopyright);
});

test.each([
  ['float32', {}, '0.0001'],
  ['an int8 backbone', { isInt8: true }, '0.02'],
])('the README says how far probabilities may differ: %s', async (_, more, tolerance) => {
  const model = exportedModel();
  const files = await exportModel({ ...model, backbone: { ...model.backbone, ...more } }, 'onnx');
  const readme = `${files.find(({ name }) => name === 'README.md')?.content}`;
  expect(readme).toContain(`probabilities within ${tolerance}.`);
});

test('an export has the whole Apache License, for the code of Graft and for weights under it', async () => {
  const files = await exportModel(exportedModel(), 'onnx');
  const licence = await readFile(new URL('../../../LICENSE', import.meta.url), 'utf8');
  expect(files.find(({ name }) => name === 'LICENSE-Apache-2.0')?.content).toBe(licence);
});

test.each([
  ['none', 'contains no pretrained weights'],
  ['imported', 'You imported them'],
])('NOTICE says where weights come from: %s', async (weights, text) => {
  const model = exportedModel();
  const files = await exportModel({ ...model, backbone: { ...model.backbone, weights } }, 'onnx');
  expect(files.find(({ name }) => name === 'NOTICE')?.content).toContain(text);
});

test('exports use the versions of packages that Graft is tested with', () => {
  const { dependencies, devDependencies } = packageJson;
  expect({ ...dependencies, ...devDependencies }).toMatchObject(packageVersions);
});
