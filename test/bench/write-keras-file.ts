import * as h5wasm from 'h5wasm/node';
import { buildBackbone } from '../../lib/backbones/build-backbone.ts';
import { initializeWeights } from '../../lib/backbones/initialize-weights.ts';
import { modelWeights } from '../../lib/backbones/weights/model-weights.ts';
import { startTensorFlow } from '../../lib/tensor/start-tensorflow.ts';

/**
 * Writes a backbone's random weights in the layout of the official files: one group per layer, with names in attributes
 * (which include layers without weights).
 * @returns the number of bytes of the weights
 */
export async function writeKerasFile(name: string, path: string): Promise<number> {
  await h5wasm.ready;
  await startTensorFlow();
  const { model } = buildBackbone({ name });
  initializeWeights(model, 0);
  const layers = Map.groupBy(modelWeights(model), ({ layer }) => layer);
  const file = new h5wasm.File(path, 'w');
  let bytes = 0;
  file.create_attribute('layer_names', [...layers.keys()]);
  for (const [layer, weights] of layers) {
    const group = file.create_group(layer);
    const names = weights.map(({ label }) => `${label}:0`);
    group.create_attribute('weight_names', names);
    for (const { label, variable } of weights) {
      const inner = label.slice(0, label.lastIndexOf('/'));
      if (inner !== '' && group.get(inner) === null) group.create_group(inner);
      const data = Float32Array.from(variable.read().dataSync());
      bytes += data.byteLength;
      file.create_dataset({ name: `${layer}/${label}:0`, data, shape: variable.shape.map(Number) });
    }
  }
  file.close();
  model.dispose();
  return bytes;
}
