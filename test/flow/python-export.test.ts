import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { exportModel } from '../../lib/model-exports/export-model.ts';
import { exportedModel, graftPredictions, largestDifference, writeExport } from '../support/exported-model.ts';
import { fixturePath } from '../support/fixtures.ts';
import { scratchFolder } from '../support/graft.ts';
import { pythonEnvironment } from '../support/python-program.ts';

test.each([
  ['a photograph', 'trash/glass/glass119.jpg', 1e-4],
  ['a photograph on its side', 'odd-images/exif-6.jpg', 1e-4],
  ['a palette with transparent colours', 'odd-images/palette-transparent.png', 1e-4],
  ['gray', 'odd-images/gray.jpg', 1e-4],
  ['one bit', 'odd-images/one-bit.png', 1e-4],
  ['16 bits', 'odd-images/gray16.png', 1e-4],
  // Blending rounds to another level of 255.
  ['transparent pixels', 'odd-images/alpha.png', 5e-3],
])('the example for Python predicts as Graft does: %s', async (_, image, tolerance) => {
  const environment = await pythonEnvironment('onnxruntime', '1.32.0', ['pillow==13.0.0', 'numpy==2.4.6']);
  const model = exportedModel();
  const folder = scratchFolder();
  writeExport(folder, await exportModel(model, 'onnx'));
  const path = fixturePath(image);
  const { stdout } = await promisify(execFile)(join(environment, 'bin', 'python'), ['-B', join(folder, 'predict.py'), path]);
  const { labels } = JSON.parse(stdout);
  expect(largestDifference(labels, await graftPredictions(model, await readFile(path)))).toBeLessThan(tolerance);
});
