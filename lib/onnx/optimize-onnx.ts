import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel } from './load-model.ts';
import { modelUnreadable } from './session-errors.ts';

/**
 * The same model as onnxruntime rewrites it: constants folded, convolutions fused with their BatchNormalization and
 * activation. Level `extended` holds on every machine (`all` would bind the file to this one's processor). Open the result
 * with `optimization: 'disabled'`. The same model gives the same bytes.
 * @throws DataError ONNX_UNREADABLE
 */
export async function optimizeOnnx(bytes: Uint8Array): Promise<Uint8Array> {
  // onnxruntime writes an optimised model to a file only.
  const folder = await mkdtemp(join(tmpdir(), 'graft-onnx-'));
  try {
    const optimizedModelFilePath = join(folder, 'model.onnx');
    const model = await loadModel(bytes, { threads: 1, optimization: 'extended' }, { optimizedModelFilePath });
    await model.release();
    return new Uint8Array(await readFile(optimizedModelFilePath));
  } catch (cause) {
    throw modelUnreadable(cause);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
