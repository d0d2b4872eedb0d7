import type { Converters, LayerCall } from '../converter.ts';
import { withDims } from '../derived-weights.ts';
import type { Value } from '../graph-builder.ts';
import type { Weight } from '../layer-reader.ts';
import { activate } from './activations.ts';
import { permute } from './permute.ts';
import { padsOf, requireChannelsLast } from './window.ts';

/**
 * Converts Conv2D. Keras stores kernels as [height, width, inputs of a group, filters], ONNX as [filters, inputs of a
 * group, height, width].
 */
function convolution(call: LayerCall): Value {
  const { layer } = call;
  const kernel = layer.needWeight('kernel');
  const groups = layer.number('groups', (call.input.shape.at(-1) ?? 0) / (kernel.dims[2] ?? 1));
  return activate(
    call,
    convolve(call, { key: 'kernel', groups, kernel, make: () => permute(kernel, [3, 2, 0, 1]), bias: 'bias' }),
  );
}

/**
 * Converts DepthwiseConv2D to a convolution with one group per channel. Its kernel [height, width, channels,
 * multiplier] becomes [channels * multiplier, 1, height, width].
 */
function depthwise(call: LayerCall): Value {
  const dilations = call.layer.pair('dilationRate', 1);
  // TensorFlow.js accepts the setting but ignores it, so neither choice would be correct.
  if (dilations.some((rate) => rate !== 1)) throw call.layer.unsupported({ expected: 'dilationRate 1', received: dilations });
  const key = call.layer.weight('depthwise_kernel') === undefined ? 'kernel' : 'depthwise_kernel';
  return activate(call, convolveDepthwise(call, key, 'bias'));
}

function convolveDepthwise(call: LayerCall, key: string, bias?: string): Value {
  const kernel = call.layer.needWeight(key);
  const [height = 1, width = 1, channels = 1, multiplier = 1] = kernel.dims;
  const make = (): Weight => withDims(permute(kernel, [2, 3, 0, 1]), [channels * multiplier, 1, height, width]);
  return convolve(call, { key, groups: channels, kernel, make, ...(bias !== undefined && { bias }) });
}

/** Converts SeparableConv2D to a depthwise convolution followed by a 1x1 convolution. */
function separable(call: LayerCall): Value {
  const { graph, layer, outputShape } = call;
  const spread = convolveDepthwise(call, 'depthwise_kernel');
  const kernel = layer.needWeight('pointwise_kernel');
  const names = [spread.name, graph.weights('pointwise_kernel', () => permute(kernel, [3, 2, 0, 1]))];
  const bias = layer.weight('bias');
  if (bias !== undefined) names.push(graph.weights('bias', () => bias));
  return activate(call, { name: graph.add('Conv', names), shape: outputShape, layout: 'channels-first' });
}

interface Convolution {
  readonly key: string;
  readonly groups: number;
  readonly kernel: Weight;
  readonly make: () => Weight;
  readonly bias?: string;
}

function convolve({ graph, layer, input, outputShape }: LayerCall, { key, groups, kernel, make, bias }: Convolution): Value {
  requireChannelsLast(layer);
  const x = graph.channelsFirst(input);
  const [height = 1, width = 1] = kernel.dims;
  const window = {
    kernel: [height, width],
    strides: layer.pair('strides', 1),
    dilations: layer.pair('dilationRate', 1),
  } as const;
  const names = [x.name, graph.weights(key, make)];
  const offsets = bias === undefined ? undefined : layer.weight(bias);
  if (offsets !== undefined) names.push(graph.weights('bias', () => offsets));
  const name = graph.add('Conv', names, {
    kernel_shape: window.kernel,
    strides: window.strides,
    dilations: window.dilations,
    pads: padsOf(layer, input, window),
    group: groups,
  });
  return { name, shape: outputShape, layout: 'channels-first' };
}

/** Converters of the convolution layers. */
export const convolutionConverters: Converters = {
  Conv2D: convolution,
  GroupedConv2D: convolution,
  DepthwiseConv2D: depthwise,
  SeparableConv2D: separable,
};
