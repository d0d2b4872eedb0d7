import type { Pair } from '../../onnx/graph-value.ts';
import type { GradientCall, GradientRule, GradientRules } from '../gradient-rule.ts';
import { readWindow } from '../node-axes.ts';
import { kernelGradient } from './convolution-kernel.ts';
import type { Convolution } from './convolution-shape.ts';

/** y = x * k + b: dx and dk as below, db = dy summed over examples and pixels. */
const convolution: GradientRule = (call) => {
  const { graph, upstream, needs } = call;
  const shape = readConvolution(call);
  return [
    needs(0) ? inputGradient(call, shape) : undefined,
    needs(1) ? kernelGradient(call, shape) : undefined,
    needs(2) ? graph.add('ReduceSum', [upstream, graph.integers([0, 2, 3])], { keepdims: 0 }) : undefined,
  ];
};

function readConvolution({ node, dims }: GradientCall): Convolution {
  const sizes = [dims(node.input(0)), dims(node.output), dims(node.input(1))] as const;
  const [x, y, k] = sizes.map((shape) => shape.map((size, axis) => (axis === 0 ? (size ?? 0) : (size ?? Number.NaN))));
  if (x?.length !== 4 || y === undefined || k === undefined || [...x, ...y].some(Number.isNaN)) {
    throw node.unsupported({ expected: 'maps of a known height and width', received: sizes[0] });
  }
  const pair = (shape: readonly number[]): Pair => [shape[2] ?? 1, shape[3] ?? 1];
  return {
    ...readWindow(node, 2),
    groups: node.int('group', 1),
    channels: x[1] ?? 1,
    filters: k[0] ?? 1,
    from: pair(x),
    to: pair(y),
    kernel: pair(k),
  };
}

/**
 * With stride 1, dx is the convolution of dy with the kernel turned by 180 degrees, inputs and filters exchanged.
 * Otherwise it is the transposed convolution of dy, padded to the size of x.
 */
function inputGradient(call: GradientCall, shape: Convolution): string {
  const { graph, upstream, node } = call;
  const { strides, dilations, pads, groups, kernel } = shape;
  const reach = kernel.map((size, axis) => (size - 1) * (dilations[axis] ?? 1));
  const turned = pads.map((pad, i) => (reach[i % 2] ?? 0) - pad);
  if (strides.every((stride) => stride === 1) && turned.every((pad) => pad >= 0)) {
    const attributes = { kernel_shape: kernel, dilations, group: groups, pads: turned };
    return graph.add('Conv', [upstream, turnedKernel(call, shape)], attributes);
  }
  const rest = kernel.map((_, axis) => {
    const covered =
      ((shape.to[axis] ?? 1) - 1) * (strides[axis] ?? 1) + (reach[axis] ?? 0) + 1 - (pads[axis] ?? 0) - (pads[axis + 2] ?? 0);
    return (shape.from[axis] ?? 1) - covered;
  });
  const attributes = { kernel_shape: kernel, strides, dilations, pads, group: groups, output_padding: rest };
  return graph.add('ConvTranspose', [upstream, node.input(1)], attributes);
}

/** The kernel [channels, filters / groups, height, width] that is turned by 180 degrees. */
function turnedKernel(
  { graph, node }: GradientCall,
  { groups, channels, filters, kernel: [height, width] }: Convolution,
): string {
  let kernel = node.input(1);
  const flipped = ([height, width] as const).flatMap((size, axis) => (size > 1 ? [axis + 2] : []));
  if (flipped.length > 0) {
    // From the last element to the first, by steps of -1.
    const range = [-1, -(2 ** 31), undefined, -1].map((value) => graph.integers(flipped.map((axis) => value ?? axis)));
    kernel = graph.add('Slice', [kernel, ...range]);
  }
  const perGroup = [filters / groups, channels / groups] as const;
  if (groups === 1) return graph.add('Transpose', [kernel], { perm: [1, 0, 2, 3] });
  if (perGroup[0] === 1 && perGroup[1] === 1) return kernel;
  const split = graph.add('Reshape', [kernel, graph.integers([groups, ...perGroup, height, width])]);
  const exchanged = graph.add('Transpose', [split], { perm: [0, 2, 1, 3, 4] });
  return graph.add('Reshape', [exchanged, graph.integers([channels, perGroup[0], height, width])]);
}

/** The rule of convolutions, also grouped and depthwise ones. */
export const convolutionRules: GradientRules = { Conv: convolution };
