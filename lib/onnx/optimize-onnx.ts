import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel } from './load-model.ts';
import { modelUnreadable } from './session-errors.ts';

/**
 * The same model as onnxruntime rewrites it: constants folded, convolutions fused with their BatchNormalization and
 * activation. Level `extended` holds on every machine (`all` would bind the file to this one's processor, which
 * is for each session to do anew). The same model gives the same bytes.
 * @throws DataError ONNX_UNREADABLE
 */
export async function optimizeOnnx(bytes: Uint8Array): Promise<Uint8Array> {
  // onnxruntime writes an optimised model to a file only, and reads one from a file with half the memory that bytes take it.
  const folder = await mkdtemp(join(tmpdir(), 'graft-onnx-'));
  try {
    const path = join(folder, 'given.onnx');
    const optimizedModelFilePath = join(folder, 'optimised.onnx');
    await writeFile(path, bytes);
    const model = await loadModel(path, { threads: 1, optimization: 'extended' }, { optimizedModelFilePath });
    await model.release();
    const { buffer, byteOffset, byteLength } = await readFile(optimizedModelFilePath);
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (cause) {
    throw modelUnreadable(cause);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
