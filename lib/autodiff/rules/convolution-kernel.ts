import type { GraphBuilder } from '../../onnx/graph-builder.ts';
import type { GradientCall } from '../gradient-rule.ts';
import type { Convolution } from './convolution-shape.ts';

/** The gradient of a convolution's kernel, [filters, channels / groups, height, width]. */
export function kernelGradient(call: GradientCall, shape: Convolution): string {
  return shape.groups === shape.channels ? depthwiseGradient(call, shape) : groupedGradient(call, shape);
}

/**
 * dk of a depthwise convolution is the convolution of each channel of x, the examples as channels, with that channel
 * of dy as the kernel; strides and dilations change places.
 */
function depthwiseGradient({ graph, node, upstream }: GradientCall, shape: Convolution): string {
  const { from, to, kernel, strides, dilations, pads, channels, filters } = shape;
  const x = graph.add('Reshape', [channelsOutside(graph, node.input(0)), graph.integers([1, -1, ...from])]);
  const attributes = { kernel_shape: to, group: channels, strides: dilations, dilations: strides, pads };
  const result = graph.add('Conv', [x, channelsOutside(graph, upstream)], attributes);
  // Rows that the forward pass does not reach, because the stride leaves a rest, give further positions.
  const cropped = graph.add('Slice', [result, ...[[0, 0], kernel, [2, 3]].map((values) => graph.integers(values))]);
  return graph.add('Reshape', [cropped, graph.integers([filters, 1, ...kernel])]);
}

/**
 * dk of each position of the kernel is the product of dy, [filters, n pixels], and the pixels of the padded x that
 * this position meets, [channels, n pixels].
 */
function groupedGradient({ graph, node, upstream }: GradientCall, shape: Convolution): string {
  const { groups, channels, filters, kernel } = shape;
  const perGroup = [filters / groups, channels / groups] as const;
  const x = channelsOutside(graph, padded(graph, node.input(0), shape));
  const dy = channelsOutside(graph, upstream);
  const positions = offsets(shape).map((offset) => {
    const pixels = sliced(graph, x, offset, shape);
    if (groups === 1) return graph.add('Gemm', [flat(graph, dy, [filters]), flat(graph, pixels, [channels])], { transB: 1 });
    const turned = graph.add('Transpose', [flat(graph, pixels, [groups, perGroup[1]])], { perm: [0, 2, 1] });
    return graph.add('MatMul', [flat(graph, dy, [groups, perGroup[0]]), turned]);
  });
  const size = [filters, perGroup[1]];
  const [only, ...others] = positions;
  if (only !== undefined && others.length === 0) return graph.add('Reshape', [only, graph.integers([...size, ...kernel])]);
  const columns = positions.map((position) => graph.add('Reshape', [position, graph.integers([...size, 1])]));
  return graph.add('Reshape', [graph.add('Concat', columns, { axis: 2 }), graph.integers([...size, ...kernel])]);
}

/** [n, channels, height, width] to [channels, n, height, width]. */
function channelsOutside(graph: GraphBuilder, map: string): string {
  return graph.add('Transpose', [map], { perm: [1, 0, 2, 3] });
}

/** Joins all axes after the first ones. */
function flat(graph: GraphBuilder, map: string, first: readonly number[]): string {
  return graph.add('Reshape', [map, graph.integers([...first, -1])]);
}

function padded(graph: GraphBuilder, x: string, { pads: [top = 0, left = 0, bottom = 0, right = 0] }: Convolution): string {
  if (top + left + bottom + right === 0) return x;
  return graph.add('Pad', [x, graph.integers([0, 0, top, left, 0, 0, bottom, right])]);
}

/** [top, left] of each position of the kernel, in pixels. */
function offsets({ kernel: [height, width], dilations: [down = 1, across = 1] }: Convolution): [number, number][] {
  return Array.from({ length: height * width }, (_, i) => [Math.floor(i / width) * down, (i % width) * across]);
}

/** The pixels that a position of the kernel meets, [channels, n, height, width] of the output map. */
function sliced(graph: GraphBuilder, x: string, [top, left]: readonly [number, number], shape: Convolution): string {
  const { from, to, pads, strides } = shape;
  const starts = [top, left];
  const steps = [strides[0] ?? 1, strides[1] ?? 1];
  const ends = starts.map((start, axis) => start + ((to[axis] ?? 1) - 1) * (steps[axis] ?? 1) + 1);
  const whole = ends.every((end, axis) => {
    const size = (from[axis] ?? 1) + (pads[axis] ?? 0) + (pads[axis + 2] ?? 0);
    return starts[axis] === 0 && end === size && steps[axis] === 1;
  });
  if (whole) return x;
  return graph.add('Slice', [x, ...[starts, ends, [2, 3], steps].map((values) => graph.integers(values))]);
}
