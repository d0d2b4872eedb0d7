import { product } from '../../../arithmetic.ts';
import type { LayerCall } from '../../../onnx/converter.ts';
import { activate } from '../../../onnx/converters/activations.ts';
import { requireChannelsLast } from '../../../onnx/converters/window.ts';
import { withDims } from '../../../onnx/derived-weights.ts';
import type { Value } from '../../../onnx/graph-builder.ts';
import { layerConverters } from '../../../onnx/layer-converters.ts';
import { readMaps } from './read-maps.ts';
import { tiledConvolution } from './tiled-convolution.ts';

/** Pixels of a map up to which products over all examples take less time: maps of 28 x 28 take as long either way. */
const SMALL_MAP = 14 ** 2;

/**
 * Converts Conv2D. On small maps, convolutions of one pixel, and those of 3 x 3 that tiles suit, become products of
 * matrices over all examples: with a kernel that is no constant, onnxruntime multiplies the map of each example by
 * itself, which is up to three times slower, and the gradients would exchange the axes of each map.
 */
export function convolution(call: LayerCall): Value {
  requireChannelsLast(call.layer);
  const map = pointwiseConvolution(call) ?? tiledConvolution(call);
  if (map === undefined) return layerConverters.Conv2D?.(call) ?? call.input;
  const { graph, layer } = call;
  const offsets = layer.weight('bias');
  return activate(call, offsets === undefined ? map : graph.map('Add', map, [graph.weights('bias', () => offsets)]));
}

/** @returns the map without bias and activation; undefined if the convolution is another one, or the map is not small */
function pointwiseConvolution(call: LayerCall): Value | undefined {
  const { graph, layer, input, outputShape } = call;
  const kernel = layer.needWeight('kernel');
  const [height, width, inputs = 1, outputs = 1] = kernel.dims;
  const maps = readMaps(call);
  if (maps === undefined || product(maps.from) > SMALL_MAP) return undefined;
  const isPointwise = height === 1 && width === 1 && maps.channels === inputs && product(maps.strides) === 1;
  if (!isPointwise) return undefined;
  const matrix = graph.weights('kernel_matrix', () => withDims(kernel, [inputs, outputs]));
  return { name: graph.add('MatMul', [graph.channelsLast(input).name, matrix]), shape: outputShape, layout: 'channels-last' };
}
