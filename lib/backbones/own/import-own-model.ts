import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { OwnModel } from '../../contracts/own-model.ts';
import { NotFoundError, SpecError } from '../../errors.ts';
import type { ObjectStore } from '../../ports.ts';
import { storeOwnModel } from './own-store.ts';
import { readPreprocessorConfig } from './preprocessor-config.ts';
import { readEncoder } from './read-encoder.ts';
import type { EncoderOptions } from './read-graph.ts';
import { checkSize } from './size-limit.ts';

/** Options of `importOwnModel`. */
export interface OwnModelOptions extends Omit<EncoderOptions, 'configured'> {
  /** For a LayersModel: the layer whose output becomes the model's output. */
  readonly cut?: string | undefined;
}

/** A backbone as a job spec names it, with all settings that were read from the model. */
export interface ImportedModel {
  readonly backbone: { readonly name: 'own'; readonly inputSize: [number, number]; readonly own: OwnModel };
  /** Number of features per image. */
  readonly features: number;
}

/**
 * Imports a user's own model into the store as a frozen backbone, after checking that it is safe and runs.
 * @param path an ONNX file, or the folder of a TensorFlow.js LayersModel (or its model.json), which is stored as ONNX
 * @throws NotFoundError OWN_MODEL_FILE_NOT_FOUND; SpecError OWN_MODEL_CUT; DataError OWN_MODEL_TOO_LARGE, and as
 *   readEncoder and convertLayersModel; CapacityError STORE_FULL
 */
export async function importOwnModel(path: string, store: ObjectStore, options: OwnModelOptions): Promise<ImportedModel> {
  const { cut, ...encoderOptions } = options;
  const { bytes, configured } = await readModel(path, { cut, inputSize: options.inputSize });
  const { encoder, input, normalization, pool, licence } = await readEncoder(bytes, { ...encoderOptions, configured });
  const own: OwnModel = {
    sha256: await storeOwnModel(bytes, store),
    output: encoder.output,
    mean: [...normalization.mean],
    std: [...normalization.std],
    channels: normalization.channels,
    layout: input.layout,
    ...(pool.pooling !== undefined && { pooling: pool.pooling }),
    ...(licence !== undefined && { licence }),
  };
  return { backbone: { name: 'own', inputSize: [...input.inputSize], own }, features: pool.features };
}

async function readModel(path: string, options: Pick<OwnModelOptions, 'cut' | 'inputSize'>) {
  const found = await stat(path).catch((cause: unknown) => {
    throw new NotFoundError('OWN_MODEL_FILE_NOT_FOUND', {
      at: path,
      expected: 'an ONNX file, or the folder of a TensorFlow.js LayersModel',
      fix: 'check the path',
      cause,
    });
  });
  if (found.isDirectory() || basename(path) === 'model.json') {
    // Imported here because only this part needs TensorFlow.
    const { convertLayersModel } = await import('./convert-layers-model.ts');
    return { bytes: await convertLayersModel(found.isDirectory() ? path : dirname(path), options), configured: {} };
  }
  if (options.cut !== undefined) {
    const fix = 'name the value of the graph: --own-output NAME';
    throw new SpecError('OWN_MODEL_CUT', { at: '--cut', expected: 'a layer of a LayersModel', received: path, fix });
  }
  checkSize(path, found.size);
  return { bytes: new Uint8Array(await readFile(path)), configured: await readPreprocessorConfig(resolve(path)) };
}
