import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, expect, test } from 'vitest';
import { globalAveragePool } from '../../../lib/backbones/layers/functional.ts';
import { buildHead } from '../../../lib/heads/build-head.ts';
import { kerasPaths } from '../../../lib/model-exports/layers/keras-config.ts';
import type { GraphLayer } from '../../../lib/model-exports/layers/layer-graph.ts';
import { readLayers } from '../../../lib/model-exports/layers/read-layers.ts';
import { exportOnnx } from '../../../lib/onnx/export-onnx.ts';
import { GraphBuilder, type Value } from '../../../lib/onnx/graph-builder.ts';
import { encodeModel } from '../../../lib/onnx/protobuf.ts';
import { startTensorFlow } from '../../../lib/tensor/start-tensorflow.ts';
import { convolutionalClassifier } from '../../support/models/convolutional-classifier.ts';

beforeAll(() => startTensorFlow());

/** A graph of images [N, 8, 8, 3], as Graft exports models. */
function graphOf(write: (graph: GraphBuilder, images: Value) => Value): Uint8Array {
  const graph = new GraphBuilder();
  const { value, info } = graph.input('images', [null, 8, 8, 3]);
  const written = graph.finish('net', info, write(graph, value), 'probabilities');
  const opsetImport = [{ domain: '', version: 20 }];
  return encodeModel({ irVersion: 9, opsetImport, metadataProps: [], graph: written });
}

test('a convolution absorbs the factors after it, and transposes are no layers', () => {
  const { layers } = readLayers(convolutionalClassifier(3, { height: 8, width: 8 }));
  expect(layers.map(({ className }) => className)).toEqual([
    'InputLayer',
    'Rescaling',
    'ZeroPadding2D',
    'Conv2D',
    'ReLU',
    'Conv2D',
    'Add',
    'GlobalAveragePooling2D',
    'Dense',
    'Activation',
  ]);
  expect(layers.at(-1)?.shape).toEqual([3]);
});

test('channels in another order and scaled are one layer that does not train', () => {
  const { layers } = readLayers(
    graphOf((graph, images) => {
      const bgr = graph.map('Gather', graph.channelsFirst(images), [graph.integers([2, 1, 0])], { axis: 1 });
      return graph.map('Add', graph.map('Mul', bgr, [graph.floats([1, 2, 4], [3, 1, 1])]), [graph.floats([5, 6, 7], [3, 1, 1])]);
    }),
  );
  expect(layers).toHaveLength(2);
  expect(layers[1]).toMatchObject({ className: 'Conv2D', trainable: false });
  expect(layers[1]?.weights.map(({ data }) => [...data])).toEqual([
    [0, 0, 4, 0, 2, 0, 1, 0, 0],
    [5, 6, 7],
  ]);
});

test('refuses an operator without a layer, and names it', () => {
  const onnx = graphOf((graph, images) => graph.map('Erf', images));
  expect(() => readLayers(onnx)).toThrow(
    expect.objectContaining({ code: 'EXPORT_LAYER_UNSUPPORTED', at: expect.stringContaining('Erf'), received: 'Erf' }),
  );
});

test('refuses cosines, for which TF.js has no layer', () => {
  const images = tfl.input({ shape: [8, 8, 3] });
  const head = buildHead([{ layer: 'cosineOutput', scale: 16 }], [3], { classes: 2, seed: 1 });
  const outputs = head.apply(globalAveragePool(images, 'means')) as tfl.SymbolicTensor;
  const onnx = exportOnnx(tfl.model({ inputs: images, outputs }));
  expect(() => readLayers(onnx)).toThrow(
    expect.objectContaining({ code: 'EXPORT_LAYER_UNSUPPORTED', fix: 'use --to onnx, npm, web or html' }),
  );
});

test('Keras numbers layers by their distance from the output, and then by a walk from it', () => {
  const layer = (name: string, inputs: GraphLayer[], className = 'Conv2D'): GraphLayer => {
    return { name, className, config: {}, weights: [], inputs, shape: [1], trainable: true };
  };
  const input = layer('images', [], 'InputLayer');
  const short = layer('short', [input]);
  const far = layer('far', [input]);
  const near = layer('near', [far], 'ReLU');
  const output = layer('sum', [short, near], 'Add');
  const paths = kerasPaths({ input, output, layers: [input, short, far, near, output] });
  expect([...paths].map(([{ name }, path]) => [name, path])).toEqual([
    ['images', 'input_layer'],
    ['far', 'conv2d'],
    ['short', 'conv2d_1'],
    ['near', 're_lu'],
    ['sum', 'add'],
  ]);
});
