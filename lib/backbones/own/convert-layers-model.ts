import { readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { messageOf } from '../../contracts/errors/message-of.ts';
import { nearest } from '../../contracts/explain/nearest.ts';
import type { BackboneSpec } from '../../contracts/job-spec.ts';
import { DataError } from '../../errors.ts';
import { exportOnnx } from '../../onnx/export-onnx.ts';
import { startTensors } from '../../tensor/start-tensors.ts';
import '../layers/register-layers.ts';
import { inputSizeMissing } from './image-input.ts';
import { checkSize } from './size-limit.ts';

const ModelJson = z.looseObject({
  format: z.string().optional(),
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(z.looseObject({ paths: z.array(z.string()), weights: z.array(z.looseObject({ name: z.string() })) })),
});
type ModelJson = z.infer<typeof ModelJson>;

/** Options of `convertLayersModel`. */
export interface ConvertOptions {
  /** The layer whose output becomes the model's output. Default: the model's own output. */
  readonly cut?: string | undefined;
  /** Needed if the model takes images of any size. */
  readonly inputSize?: BackboneSpec['inputSize'];
}

/**
 * Converts a TensorFlow.js LayersModel, cut at a layer, to ONNX. The result takes images with the channels last, and
 * its output has the layer's name.
 * @param folder with model.json and the weight files that it names
 * @throws DataError OWN_MODEL_FORMAT, OWN_MODEL_UNREADABLE, OWN_MODEL_PATH_OUTSIDE, OWN_MODEL_TOO_LARGE,
 *   OWN_MODEL_LAYER_UNKNOWN, OWN_MODEL_INPUT_SIZE_MISSING, OWN_MODEL_OUTPUT_MISSING; GraftError ONNX_LAYER_UNSUPPORTED,
 *   ONNX_MODEL_UNSUPPORTED
 */
export async function convertLayersModel(folder: string, { cut, inputSize }: ConvertOptions): Promise<Uint8Array> {
  const json = await readModelJson(folder);
  const weights = await readWeightFiles(folder, json);
  await startTensors();
  const modelTopology = withInputSize(json.modelTopology, inputSize);
  const model = await load(folder, { ...json, modelTopology }, weights);
  try {
    const outputs = outputAt(model, cut);
    // A default name would depend on the models that this process has built before.
    return exportOnnx(tfl.model({ inputs: model.inputs, outputs, name: 'own' }), { outputName: outputs.sourceLayer.name });
  } finally {
    model.dispose();
  }
}

async function readModelJson(folder: string): Promise<ModelJson> {
  const file = join(folder, 'model.json');
  const text = await readFile(file, 'utf8').catch(() => '');
  const parsed = ModelJson.safeParse(parseJson(text));
  if (parsed.success && parsed.data.format !== 'graph-model') return parsed.data;
  throw new DataError('OWN_MODEL_FORMAT', {
    at: file,
    expected: 'a LayersModel of TensorFlow.js: model.json with modelTopology and weightsManifest',
    received: parsed.success ? 'a GraphModel, whose layers are gone' : 'none',
    fix: 'convert the model again, to tfjs_layers_model, or export it as ONNX',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads the bytes of all weight files, in order. */
async function readWeightFiles(folder: string, { weightsManifest }: ModelJson): Promise<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const path of weightsManifest.flatMap(({ paths }) => paths)) {
    const file = await fileInside(folder, path);
    size += (await stat(file)).size;
    checkSize(folder, size);
    parts.push(await readFile(file));
  }
  const all = new Uint8Array(new ArrayBuffer(size));
  let start = 0;
  for (const part of parts) {
    all.set(part, start);
    start += part.length;
  }
  return all.buffer;
}

/** Resolves a file that model.json names. It must be inside the folder, even after links are resolved. */
async function fileInside(folder: string, path: string): Promise<string> {
  const home = await realpath(folder);
  const file = await realpath(resolve(home, path)).catch(() => undefined);
  if (file?.startsWith(home + sep)) return file;
  const isOutside = file !== undefined || !resolve(home, path).startsWith(home + sep);
  throw new DataError(isOutside ? 'OWN_MODEL_PATH_OUTSIDE' : 'OWN_MODEL_UNREADABLE', {
    at: join(folder, 'model.json'),
    expected: isOutside ? 'weight files in the same folder' : 'every weight file that it names',
    received: path,
    fix: isOutside ? 'put the weight files beside model.json and name them there' : 'put the missing file beside model.json',
  });
}

/**
 * Sets the images' sizes in the model's configuration where they are unknown: the ONNX export computes padding from
 * them.
 * @throws DataError OWN_MODEL_INPUT_SIZE_MISSING
 */
function withInputSize(topology: ModelJson['modelTopology'], inputSize: BackboneSpec['inputSize']): ModelJson['modelTopology'] {
  const [height, width] = typeof inputSize === 'object' ? inputSize : [inputSize, inputSize];
  const fill = (key: string, value: unknown): unknown => {
    const images = key === 'batch_input_shape' ? Images.safeParse(value) : undefined;
    if (!images?.success) return value;
    const [batch, high, wide, channels] = images.data;
    if ((high ?? height) === undefined || (wide ?? width) === undefined)
      throw inputSizeMissing(`[${images.data.map((size) => size ?? '?').join(', ')}]`);
    return [batch, high ?? height, wide ?? width, channels];
  };
  return ModelJson.shape.modelTopology.parse(JSON.parse(JSON.stringify(topology), fill));
}

const Images = z.tuple([z.null(), z.number().nullable(), z.number().nullable(), z.literal(3)]);

async function load(folder: string, { modelTopology, weightsManifest }: ModelJson, weightData: ArrayBuffer) {
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  try {
    return await tfl.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
  } catch (cause) {
    throw new DataError('OWN_MODEL_UNREADABLE', {
      at: folder,
      expected: 'a LayersModel with layers of TensorFlow.js or Graft, and all its weights',
      received: messageOf(cause),
      fix: 'convert the model again, or export it as ONNX',
      cause,
    });
  }
}

function outputAt(model: tfl.LayersModel, cut: string | undefined): tfl.SymbolicTensor {
  const names = model.layers.map(({ name }) => name);
  const layer = model.layers.find(({ name }) => name === cut);
  if (cut !== undefined && layer === undefined) {
    const meant = nearest(cut, names);
    throw new DataError('OWN_MODEL_LAYER_UNKNOWN', {
      at: 'cut',
      expected: `one of the model's layers; the last are ${names.slice(-8).join(', ')}`,
      received: cut,
      fix: meant === undefined ? 'name a layer: --cut LAYER' : `did you mean ${meant}?`,
    });
  }
  const [output, ...more] = layer === undefined ? model.outputs : [layer.getOutputAt(0)].flat();
  if (output !== undefined && more.length === 0) return output;
  throw new DataError('OWN_MODEL_OUTPUT_MISSING', {
    at: cut ?? model.name,
    expected: 'one output',
    received: more.length + 1,
    fix: `cut the model at a layer with one output: --cut ${names.at(-2) ?? 'LAYER'}`,
  });
}
