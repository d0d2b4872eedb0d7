import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { exportModel } from '../../lib/model-exports/export-model.ts';
import type { ExportedModel } from '../../lib/model-exports/exported-model.ts';
import { fixturePath } from '../support/fixtures.ts';
import { scratchFolder } from '../support/graft.ts';
import { exportedModel, graftPredictions, largestDifference, writeExport } from '../support/models/exported-model.ts';
import { pythonEnvironment } from '../support/processes/python-program.ts';

/** Exports a model and runs the example. */
async function predictInPython(model: ExportedModel, path: string) {
  const environment = await pythonEnvironment('onnxruntime', '1.32.0', ['pillow==13.0.0', 'numpy==2.4.6']);
  const folder = scratchFolder();
  writeExport(folder, await exportModel(model, 'onnx'));
  const { stdout } = await promisify(execFile)(join(environment, 'bin', 'python'), ['-B', join(folder, 'predict.py'), path]);
  return JSON.parse(stdout);
}

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
  const model = exportedModel();
  const path = fixturePath(image);
  const { labels } = await predictInPython(model, path);
  expect(largestDifference(labels, await graftPredictions(model, await readFile(path)))).toBeLessThan(tolerance);
});

test('the example for Python crops as Graft does', async () => {
  const model = exportedModel({ crops: true });
  const path = fixturePath('trash/glass/glass119.jpg');
  const { labels } = await predictInPython(model, path);
  expect(largestDifference(labels, await graftPredictions(model, await readFile(path)))).toBeLessThan(1e-4);
});

test.each([
  ['known', 1e9, true],
  ['unknown', 0.5, false],
])('it says whether an image is %s', async (_, novelty, known) => {
  const predicted = await predictInPython(exportedModel({ novelty }), fixturePath('trash/glass/glass119.jpg'));
  expect(predicted).toMatchObject({ known, labels: [{}, {}, {}] });
});

test.each([
  ['without VNNI', 'fpu avx2', '1'],
  ['with VNNI', 'fpu avx2 avx512_vnni', 'default'],
])('it chooses the sums of int8 by the processor: x86 %s', async (_, flags, expected) => {
  const environment = await pythonEnvironment('onnxruntime', '1.32.0', ['pillow==13.0.0', 'numpy==2.4.6']);
  const folder = scratchFolder();
  writeExport(folder, await exportModel(exportedModel(), 'onnx'));
  const program = `
import pathlib, platform, runpy
import onnxruntime
read_text, create = pathlib.Path.read_text, onnxruntime.InferenceSession
pathlib.Path.read_text = lambda path, **how: "flags: ${flags}" if str(path) == "/proc/cpuinfo" else read_text(path, **how)
platform.machine = lambda: "x86_64"
def session(path, options):
    try:
        print(options.get_session_config_entry("session.x64quantprecision"))
    except RuntimeError:
        print("default")
    return create(path, options)
onnxruntime.InferenceSession = session
runpy.run_path("predict.py")
`;
  const { stdout } = await promisify(execFile)(join(environment, 'bin', 'python'), ['-B', '-c', program], { cwd: folder });
  expect(stdout.trim()).toBe(expected);
});
