import type { Converters, LayerCall } from '../../../onnx/converter.ts';
import { requireChannelsLast } from '../../../onnx/converters/window.ts';
import type { Value } from '../../../onnx/graph-builder.ts';
import { layerConverters } from '../../../onnx/layer-converters.ts';
import { batchNormalization } from './batch-normalization.ts';
import { convolution } from './convolution.ts';
import { cosineDense } from './cosine-dense.ts';
import { depthwiseByMatrices } from './depthwise-by-matrices.ts';

/** Converters for graphs whose weights are inputs: onnxruntime prepares only kernels that are constants. */
export const parameterConverters: Converters = {
  ...layerConverters,
  BatchNormalization: batchNormalization,
  Conv2D: convolution,
  CosineDense: cosineDense,
  DepthwiseConv2D: depthwiseByMatrices('DepthwiseConv2D'),
  GlobalAveragePooling2D: averagePixels,
  GroupedConv2D: depthwiseByMatrices('GroupedConv2D'),
};

/** Converts GlobalAveragePooling2D without moving the channels of a map in memory. */
function averagePixels(call: LayerCall): Value {
  const { graph, layer, input, outputShape } = call;
  requireChannelsLast(layer);
  if (input.layout !== 'channels-last') return layerConverters.GlobalAveragePooling2D?.(call) ?? input;
  const keepdims = outputShape.length === 4 ? 1 : 0;
  return { ...input, name: graph.add('ReduceMean', [input.name, graph.integers([1, 2])], { keepdims }), shape: outputShape };
}
