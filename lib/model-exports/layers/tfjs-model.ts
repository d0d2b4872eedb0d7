import type { ExportedFile } from '../exported-model.ts';
import { jsonFile } from '../template-file.ts';
import type { GraphLayer, LayerGraph, LayerWeight } from './layer-graph.ts';

/** Bytes of a file of weights, as TF.js writes them: browsers keep files of this size in their caches. */
const SHARD_BYTES = 4 * 2 ** 20;

/**
 * Writes layers as a LayersModel of TF.js.
 * @param name of the model
 * @returns model.json, and its weights in files beside it
 */
export function tfjsModel(graph: LayerGraph, name: string): ExportedFile[] {
  const weights = graph.layers.flatMap((layer) => layer.weights.map((weight) => ({ layer, weight })));
  const shards = shardsOf(weights.map(({ weight }) => weight));
  const paths = shards.map((_, i) => `weights-${i + 1}-of-${shards.length}.bin`);
  const document = {
    format: 'layers-model',
    generatedBy: 'graft',
    convertedBy: null,
    modelTopology: {
      class_name: 'Functional',
      config: {
        name,
        layers: graph.layers.map(layerOf),
        input_layers: [[graph.input.name, 0, 0]],
        output_layers: [[graph.output.name, 0, 0]],
      },
      keras_version: 'tfjs-layers',
      backend: 'tensor_flow.js',
    },
    weightsManifest: [
      {
        paths,
        weights: weights.map(({ layer, weight: { name: part, dims } }) => ({
          name: `${layer.name}/${part}`,
          shape: dims,
          dtype: 'float32',
        })),
      },
    ],
  };
  return [jsonFile('model.json', document), ...shards.map((content, i) => ({ name: paths[i] ?? '', content }))];
}

function layerOf({ name, className, config, inputs, shape, trainable }: GraphLayer) {
  const settings = className === 'InputLayer' ? { batch_input_shape: [null, ...shape], dtype: 'float32', sparse: false } : config;
  return {
    class_name: className,
    config: { name, trainable, ...settings },
    name,
    inbound_nodes: inputs.length === 0 ? [] : [inputs.map((input) => [input.name, 0, 0, {}])],
  };
}

function shardsOf(weights: readonly LayerWeight[]): Uint8Array[] {
  const all = Buffer.concat(weights.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)));
  return Array.from({ length: Math.ceil(all.length / SHARD_BYTES) }, (_, i) =>
    all.subarray(i * SHARD_BYTES, (i + 1) * SHARD_BYTES),
  );
}
