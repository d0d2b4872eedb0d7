import type * as tfl from '@tensorflow/tfjs-layers';
import type { Preprocessing } from '../contracts/preprocessing.ts';
import { GraftError } from '../errors.ts';
import type { Converters } from './converter.ts';
import { graftModel } from './graft-model.ts';
import { GraphBuilder, type Value } from './graph-builder.ts';
import { layerConverters } from './layer-converters.ts';
import { encodeModel, metadataProperties } from './protobuf.ts';
import { writeLayers } from './write-layers.ts';

/** Options of `exportOnnx`. */
export interface ExportOptions {
  /** Included in the graph, which then takes images as RGB 0..255. */
  readonly preprocessing?: Preprocessing;
  /** Name of the graph's input. Default `images`. */
  readonly inputName?: string;
  /** Name of the graph's output. Default `features`. */
  readonly outputName?: string;
  /** Key and value pairs to store in the file. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Converters for custom layers, by class name. They override Graft's own. */
  readonly converters?: Converters;
}

/**
 * Exports a model as ONNX with one float32 input and one float32 output. The batch comes first and has a dynamic size
 * (`N`). Input and output maps have their channels last, so a TensorFlow.js head can take the result unchanged. The
 * same model always gives the same bytes.
 * @param model one input [N, height, width, channels] or [N, size], one output
 * @returns the bytes of the ONNX file
 * @throws GraftError ONNX_LAYER_UNSUPPORTED, ONNX_MODEL_UNSUPPORTED
 * @example
 * ```ts
 * await writeFile('head.onnx', exportOnnx(model, { inputName: 'features', outputName: 'logits' }));
 * ```
 */
export function exportOnnx(model: tfl.LayersModel, options: ExportOptions = {}): Uint8Array {
  const { inputName = 'images', outputName = 'features', preprocessing, metadata = {}, converters = {} } = options;
  const { shape } = soleTensor(model, 'inputs');
  soleTensor(model, 'outputs');
  const graph = new GraphBuilder();
  const { value, info } = graph.input(inputName, [null, ...shape.slice(1)]);
  graph.unique(outputName);
  const prepared =
    preprocessing === undefined ? value : graph.within('preprocessing', () => preprocess(graph, value, preprocessing));
  const [result = prepared] = writeLayers(model, [prepared], graph, { ...layerConverters, ...converters });
  return encodeModel(graftModel(graph.finish(model.name, info, result, outputName), metadataProperties(metadata)));
}

function preprocess(graph: GraphBuilder, images: Value, { channels, scale, offset }: Preprocessing): Value {
  if (images.shape.length !== 4 || images.shape[3] !== 3) {
    throw new GraftError('ONNX_MODEL_UNSUPPORTED', {
      expected: 'an input [N, height, width, 3] under preprocessing',
      received: images.shape,
      fix: 'export without preprocessing',
    });
  }
  let x = graph.channelsFirst(images);
  if (channels === 'bgr') x = graph.map('Gather', x, [graph.integers([2, 1, 0])], { axis: 1 });
  if (scale.some((factor) => factor !== 1)) x = graph.map('Mul', x, [graph.floats(scale, [3, 1, 1])]);
  if (offset.some((term) => term !== 0)) x = graph.map('Add', x, [graph.floats(offset, [3, 1, 1])]);
  return x;
}

function soleTensor(model: tfl.LayersModel, side: 'inputs' | 'outputs'): tfl.SymbolicTensor {
  const [tensor, ...more] = model[side];
  if (tensor !== undefined && more.length === 0) return tensor;
  throw new GraftError('ONNX_MODEL_UNSUPPORTED', {
    at: `model ${model.name}`,
    expected: `one tensor in ${side}`,
    received: more.length + 1,
    fix: 'export a model with one input and one output',
  });
}
