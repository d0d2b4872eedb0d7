import { product } from '../../../arithmetic.ts';
import { perChannel } from '../../../onnx/axes.ts';
import type { Converter, LayerCall } from '../../../onnx/converter.ts';
import { activate } from '../../../onnx/converters/activations.ts';
import { permute } from '../../../onnx/converters/permute.ts';
import { padsOf, requireChannelsLast } from '../../../onnx/converters/window.ts';
import { lazyWeight, withDims } from '../../../onnx/derived-weights.ts';
import type { Pair } from '../../../onnx/graph-value.ts';
import { layerConverters } from '../../../onnx/layer-converters.ts';
import { type Maps, readMaps } from './read-maps.ts';

/** Up to so many pixels of the input for each position of the kernel, products of matrices take less time. */
const PIXELS_PER_POSITION = 24;
/** Most elements of all matrices: 64 MiB. */
const MOST_ELEMENTS = 2 ** 24;

/** The axes of the kernel that put its channels first, as in `exportOnnx`. */
const channelsFirst = { DepthwiseConv2D: [2, 3, 0, 1], GroupedConv2D: [3, 2, 0, 1] } as const;

/** The orders of axes that put the channels of a map before its examples, and back. */
const channelAxes = {
  'channels-first': { outside: [1, 0, 2, 3], inside: [1, 0, 2, 3] },
  'channels-last': { outside: [3, 0, 1, 2], inside: [1, 2, 3, 0] },
} as const;

/**
 * Converts a depthwise convolution of a small map to one product of matrices for each channel: [n, pixels in] times
 * [pixels in, pixels out], where the kernel stands along the diagonals. onnxruntime takes several times as long for the
 * convolution and its gradients unless the kernel is constant.
 */
export function depthwiseByMatrices(className: keyof typeof channelsFirst): Converter {
  return (call) => {
    const shape = readShape(call);
    if (shape === undefined) return layerConverters[className]?.(call) ?? call.input;
    const { graph, layer, input, outputShape } = call;
    const { channels, from, to, kernel, key } = shape;
    const positions = product(kernel);
    const columns = graph.weights(`${key}_columns`, () =>
      withDims(permute(layer.needWeight(key), channelsFirst[className]), [channels, positions]),
    );
    const diagonals = graph.weights(`diagonals_${from}_${to}`, () =>
      lazyWeight([positions, product(from) * product(to)], () => diagonalsOf(shape)),
    );
    const reshaped = (value: string, dims: readonly number[]): string => graph.add('Reshape', [value, graph.integers(dims)]);
    const matrices = reshaped(graph.add('MatMul', [columns, diagonals]), [channels, product(from), product(to)]);
    const { outside, inside } = channelAxes[input.layout];
    const x = reshaped(graph.add('Transpose', [input.name], { perm: outside }), [channels, -1, product(from)]);
    const y = reshaped(graph.add('MatMul', [x, matrices]), [channels, -1, ...to]);
    const convolved = { ...input, name: graph.add('Transpose', [y], { perm: inside }), shape: outputShape };
    const offsets = layer.weight('bias');
    if (offsets === undefined) return activate(call, convolved);
    const bias = graph.weights(`bias_${input.layout}`, () => withDims(offsets, perChannel(input, channels)));
    return activate(call, graph.map('Add', convolved, [bias]));
  };
}

interface Shape extends Omit<Maps, 'dilations'> {
  readonly key: string;
  /** Height and width. */
  readonly kernel: Pair;
  /** Before and after the rows, in pixels. */
  readonly pads: readonly number[];
}

/** @returns undefined if the convolution is faster as it is, or is not depthwise with one filter for each channel */
function readShape(call: LayerCall): Shape | undefined {
  const { layer, input } = call;
  requireChannelsLast(layer);
  const key = layer.weight('depthwise_kernel') === undefined ? 'kernel' : 'depthwise_kernel';
  const [height = 1, width = 1, inputs = 1, filters = 1] = layer.needWeight(key).dims;
  const maps = readMaps(call);
  if (maps === undefined) return undefined;
  const { dilations, ...shape } = maps;
  const { channels, strides } = shape;
  const [pixelsIn, pixelsOut] = [product(shape.from), product(shape.to)];
  // The kernel of a depthwise convolution is [height, width, channels, 1], that of a grouped one [height, width, 1, channels].
  const isDepthwise = key === 'kernel' ? inputs === 1 && filters === channels : inputs === channels && filters === 1;
  if (!isDepthwise || dilations.some((rate) => rate !== 1)) return undefined;
  if (pixelsIn > PIXELS_PER_POSITION * height * width) return undefined;
  if ((channels + height * width) * pixelsIn * pixelsOut > MOST_ELEMENTS) return undefined;
  const kernel: Pair = [height, width];
  return { ...shape, key, kernel, pads: padsOf(layer, input, { kernel, strides, dilations }) };
}

/** 1 where a position of the kernel leads from a pixel of the input to one of the output: [positions, in * out]. */
function diagonalsOf({ from, to, kernel, strides, pads: [top = 0, left = 0] }: Shape): Float32Array {
  const [pixelsIn, pixelsOut] = [product(from), product(to)];
  const ones = new Float32Array(product(kernel) * pixelsIn * pixelsOut);
  for (let position = 0; position < product(kernel); position++) {
    for (let out = 0; out < pixelsOut; out++) {
      const row = Math.floor(out / to[1]) * strides[0] + Math.floor(position / kernel[1]) - top;
      const column = (out % to[1]) * strides[1] + (position % kernel[1]) - left;
      if (row < 0 || row >= from[0] || column < 0 || column >= from[1]) continue;
      ones[(position * pixelsIn + row * from[1] + column) * pixelsOut + out] = 1;
    }
  }
  return ones;
}
