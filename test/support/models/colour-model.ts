import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { exportOnnx } from '../../../lib/onnx/export-onnx.ts';
import { decodeModel, encodeModel } from '../../../lib/onnx/protobuf.ts';

/** The card of `colourModel`. */
export const colourCard = {
  model: 'colours',
  task: 'single-label' as const,
  labels: ['red', 'blue'],
  input: { height: 16, width: 16, resize: 'bilinear' as const },
};

/** A classifier that sees red and blue, on a map of 8 x 8 positions: model.onnx. After `useTensorFlow`. */
export function colourModel(): Uint8Array {
  const images = tfl.input({ shape: [16, 16, 3] });
  const layers = [
    tfl.layers.conv2d({ name: 'colours', filters: 2, kernelSize: 1, strides: 2 }),
    tfl.layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }),
    tfl.layers.dense({ name: 'logits', units: 2, activation: 'softmax' }),
  ];
  const output = layers.reduce((x, layer) => layer.apply(x) as tfl.SymbolicTensor, images);
  const model = tfl.model({ inputs: images, outputs: output });
  model.getLayer('colours').setWeights([tf.tensor4d([1, 0, 0, 0, 0, 1], [1, 1, 3, 2]), tf.zeros([2])]);
  model.getLayer('logits').setWeights([tf.tensor2d([0.02, 0, 0, 0.02], [2, 2]), tf.zeros([2])]);
  return exportOnnx(model, { outputName: 'probabilities' });
}

/** The same with an operator that Graft cannot differentiate, which leaves whole numbers as they are. */
export function withoutGradient(onnx: Uint8Array): Uint8Array {
  const model = decodeModel(onnx);
  const { graph } = model;
  const [images] = graph.input;
  const rounded = { name: 'rounded', opType: 'Ceil', input: [images?.name ?? ''], output: ['rounded'], attribute: [] };
  const rename = (name: string): string => (name === images?.name ? 'rounded' : name);
  const node = [rounded, ...graph.node.map((each) => ({ ...each, input: each.input.map(rename) }))];
  return encodeModel({ ...model, graph: { ...graph, node } });
}
