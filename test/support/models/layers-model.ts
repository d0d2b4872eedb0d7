import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { ExportedFile } from '../../../lib/model-exports/exported-model.ts';
import { readLayers } from '../../../lib/model-exports/layers/read-layers.ts';
import { tfjsModel } from '../../../lib/model-exports/layers/tfjs-model.ts';

/** Opens what `graft export --to tfjs` writes of a graph. */
export function openLayersModel(onnx: Uint8Array): Promise<tfl.LayersModel> {
  const files = new Map(tfjsModel(readLayers(onnx), 'net').map(({ name, content }: ExportedFile) => [name, content]));
  const { modelTopology, weightsManifest } = JSON.parse(`${files.get('model.json')}`);
  const [{ paths, weights }] = weightsManifest;
  const shards = paths.map((path: string) => files.get(path));
  const weightData = new Uint8Array(Buffer.concat(shards)).buffer;
  return tfl.loadLayersModel({ load: async () => ({ modelTopology, weightSpecs: weights, weightData }) });
}

/** Predicts images, float32 [count, height, width, 3]. */
export async function predictLayers(model: tfl.LayersModel, images: Float32Array, shape: readonly number[]): Promise<number[]> {
  const [, height = 1, width = 1] = shape;
  const output = tf.tidy(() => model.predict(tf.tensor4d(images, [shape[0] ?? 1, height, width, 3])));
  if (!(output instanceof tf.Tensor)) throw new Error('not one output');
  const values = [...(await output.data())];
  output.dispose();
  return values;
}
