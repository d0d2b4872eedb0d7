import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { exportModel } from '../../lib/model-exports/export-model.ts';
import type { ExportedFile, ExportedModel } from '../../lib/model-exports/exported-model.ts';
import { fixturePath } from '../support/fixtures.ts';
import { scratchFolder } from '../support/graft.ts';
import { convolutionalClassifier } from '../support/models/convolutional-classifier.ts';
import { exportedModel, graftPredictions, largestDifference, writeExport } from '../support/models/exported-model.ts';
import { exportingSystem } from '../support/models/exporting-system.ts';
import { livingClassifier } from '../support/models/living-classifier.ts';
import { pythonEnvironment } from '../support/processes/python-program.ts';

const run = promisify(execFile);
const hasPython = await run('python3', ['-c', 'import venv, ensurepip']).then(
  () => true,
  () => false,
);
if (!hasPython) process.emitWarning('exports for Keras are not tested: python3 with venv and pip is missing');

/** PNG, which decodes to the same pixels everywhere, and JPEG. */
const images = [
  'trash/glass/glass119.jpg',
  'trash/metal/metal102.jpg',
  'odd-images/exif-6.jpg',
  'odd-images/gray.jpg',
  'odd-images/gray16.png',
].map(fixturePath);

/** Runs the example of an export on real Keras. */
async function predictInKeras(files: readonly ExportedFile[]): Promise<{ labels: { label: string; probability: number }[] }[]> {
  const environment = await pythonEnvironment('keras', '3.15.1', ['jax==0.10.2', 'pillow==13.0.0', 'numpy==2.4.6']);
  const folder = scratchFolder();
  writeExport(folder, files);
  const { stdout } = await run(join(environment, 'bin', 'python'), ['-B', join(folder, 'predict.py'), ...images], {
    env: { ...process.env, KERAS_BACKEND: 'jax' },
  });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const plain = exportedModel();

test.skipIf(!hasPython).each([
  ['a linear classifier', async () => plain],
  ['cropped images', async () => exportedModel({ crops: true })],
  ['several labels an image', async () => exportedModel({ task: 'multi-label' })],
  ['convolutions', async () => ({ ...plain, onnx: convolutionalClassifier(3, plain.card.input) })],
  ['EfficientNet-Lite0', () => livingClassifier({ name: 'efficientnet_lite0', inputSize: 64 })],
  ['MobileNetV3: hard swish, squeeze-and-excite', () => livingClassifier({ name: 'mobilenet_v3_small', inputSize: 64 })],
] as const)('Keras loads the export, and predicts as Graft does: %s', async (_, open) => {
  await expectSame(await open(), (model) => exportModel(model, 'keras'));
});

test.skipIf(!hasPython)('Keras loads the archive of the API, and predicts as Graft does', async () => {
  const { exportAndUnpack, readModel } = await exportingSystem();
  await expectSame(await readModel('colours'), async () => (await exportAndUnpack('colours', { format: 'keras' })).files);
});

async function expectSame(model: ExportedModel, exported: (model: ExportedModel) => Promise<readonly ExportedFile[]>) {
  const predicted = await predictInKeras(await exported(model));
  expect(predicted).toHaveLength(images.length);
  for (const [index, { labels }] of predicted.entries()) {
    const expected = await graftPredictions(model, await readFile(images[index]!));
    expect(largestDifference(labels, expected), images[index]).toBeLessThan(1e-4);
    expect(labels[0]?.label).toBe(expected[0]?.label);
  }
}
