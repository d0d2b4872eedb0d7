import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { exportModel } from '../../../lib/model-exports/export-model.ts';
import { packageVersions } from '../../../lib/model-exports/package-versions.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { exportedModel, graftPredictions, largestDifference, writeExport } from '../../support/exported-model.ts';
import { fixturePath } from '../../support/fixtures.ts';
import { scratchFolder } from '../../support/graft.ts';

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

test('the example for Node.js predicts as Graft does', async () => {
  const model = exportedModel();
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

test.each([
  ['Apache-2.0', 'https://spdx.org/licenses/Apache-2.0.html'],
  ['not stated', 'Ask their publisher before you pass the model on.'],
])('NOTICE has the licence of the backbone: %s', async (licence, advice) => {
  const files = await exportModel(exportedModel({ licence }), 'onnx');
  const notice = files.find(({ name }) => name === 'NOTICE')?.content;
  expect(notice).toContain(`Licence of these weights: ${licence}`);
  expect(notice).toContain(advice);
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
