import { product } from '../../arithmetic.ts';
import type { Converters, LayerCall } from '../converter.ts';
import type { Shape, Value } from '../graph-builder.ts';
import { requireChannelsLast } from './window.ts';

/**
 * Converts Flatten. Keras flattens with the channels last. For a map of one pixel, both layouts give the same order.
 */
function flatten({ graph, input, outputShape }: LayerCall): Value {
  const onePixel = input.shape.length === 4 && input.shape[1] === 1 && input.shape[2] === 1;
  const x = onePixel ? input : graph.channelsLast(input);
  return { name: graph.add('Flatten', [x.name], { axis: 1 }), shape: outputShape, layout: 'channels-last' };
}

function zeroPadding({ graph, layer, input, outputShape }: LayerCall): Value {
  requireChannelsLast(layer);
  const x = graph.channelsFirst(input);
  const [top, bottom, left, right] = margins(layer.numbers('padding') ?? [1]);
  return { ...x, shape: outputShape, name: graph.add('Pad', [x.name, graph.integers([0, 0, top, left, 0, 0, bottom, right])]) };
}

/** Normalizes Keras's margins, given as one number, [vertical, horizontal], or [[top, bottom], [left, right]]. */
function margins([first = 0, second = first, third, fourth]: readonly number[]): [number, number, number, number] {
  return third === undefined || fourth === undefined ? [first, first, second, second] : [first, second, third, fourth];
}

function cropping({ graph, layer, input, outputShape }: LayerCall): Value {
  requireChannelsLast(layer);
  const x = graph.channelsFirst(input);
  const [top, bottom, left, right] = margins(layer.numbers('cropping') ?? [0]);
  // Negative ends count from the end of the axis. Where nothing is cropped, the end exceeds every size.
  const end = (margin: number): number => (margin === 0 ? 2 ** 31 - 1 : -margin);
  const inputs = [x.name, graph.integers([top, left]), graph.integers([end(bottom), end(right)]), graph.integers([2, 3])];
  return { ...x, shape: outputShape, name: graph.add('Slice', inputs) };
}

/** Converts Reshape. Keras reshapes with the channels last and keeps the batch axis. */
function reshape({ graph, layer, input, outputShape }: LayerCall): Value {
  const sizes = outputShape.slice(1);
  if (sizes.filter((size) => size === null).length > 1) {
    throw layer.unsupported({ expected: 'at most one dynamic size', received: outputShape });
  }
  // TF.js leaves a size of -1 unknown even if it follows from the input's sizes.
  const rest = elements(input.shape.slice(1)) / product(sizes.map((size) => size ?? 1));
  const shape = [null, ...sizes.map((size) => size ?? (Number.isNaN(rest) ? null : rest))];
  const x = graph.channelsLast(input);
  return { ...x, shape, name: graph.add('Reshape', [x.name, graph.integers([0, ...shape.slice(1).map((size) => size ?? -1)])]) };
}

/** Counts the elements of a shape. @returns NaN if a size is unknown */
function elements(sizes: Shape): number {
  return product(sizes.map((size) => size ?? Number.NaN));
}

/** Converts Permute. Keras counts the axes after the batch from 1. */
function permute({ graph, layer, input, outputShape }: LayerCall): Value {
  const x = graph.channelsLast(input);
  return { ...x, shape: outputShape, name: graph.add('Transpose', [x.name], { perm: [0, ...(layer.numbers('dims') ?? [])] }) };
}

/** Converts layers that act during training only. */
const identity = ({ input }: LayerCall): Value => input;

/** Converters of the layers that only change shapes. */
export const shapeConverters: Converters = {
  Flatten: flatten,
  Reshape: reshape,
  Permute: permute,
  ZeroPadding2D: zeroPadding,
  Cropping2D: cropping,
  Dropout: identity,
  SpatialDropout1D: identity,
  SpatialDropout2D: identity,
  AlphaDropout: identity,
  GaussianDropout: identity,
  GaussianNoise: identity,
  StochasticDepth: identity,
};
