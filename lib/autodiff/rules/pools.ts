import type { GradientCall, GradientRule, GradientRules } from '../gradient-rule.ts';
import { reshapeTo } from '../gradient-rule.ts';
import { readWindow } from '../node-axes.ts';

/** dx = dy, added at the position of the largest value of each window. */
const maxPool: GradientRule = ({ node, graph, upstream, dims }) => {
  const x = node.input(0);
  if (node.int('storage_order', 0) !== 0) throw node.unsupported({ expected: 'storage_order 0', received: 1 });
  const flat = (value: string): string => graph.add('Reshape', [value, graph.integers([-1])]);
  const indices = graph.addOutput(node.output);
  const zeros = graph.add('ConstantOfShape', [graph.add('Shape', [flat(x)])]);
  const added = graph.add('ScatterElements', [zeros, flat(indices), flat(upstream)], { axis: 0, reduction: 'add' });
  return [reshapeTo(graph, added, dims(x))];
};

/** dx = dy / (pixels of the window), spread over the window: a transposed convolution with a kernel of ones. */
const averagePool: GradientRule = (call) => {
  const { node, graph, upstream, dims } = call;
  const channels = dims(node.input(0))[1] ?? null;
  const kernel = node.ints('kernel_shape', []);
  if (kernel.length !== 2 || channels === null) throw node.unsupported({ expected: 'maps of known channels', received: kernel });
  const { strides, dilations, pads } = readWindow(node, 2);
  const [from, to] = [sidesOf(call, node.input(0)), sidesOf(call, node.output)];
  const counted = node.int('count_include_pad', 0) !== 0;
  const counts = [0, 1].map((axis) => {
    const size = kernel[axis] ?? 1;
    const step = dilations[axis] ?? 1;
    return Array.from({ length: to[axis] ?? 1 }, (_, position) => {
      const start = position * (strides[axis] ?? 1) - (pads[axis] ?? 0);
      const met = Array.from({ length: size }, (_, i) => start + i * step);
      return counted ? size : met.filter((at) => at >= 0 && at < (from[axis] ?? 1)).length;
    });
  });
  const shares = (counts[0] ?? []).flatMap((rows) => (counts[1] ?? []).map((columns) => 1 / (rows * columns)));
  const mean = graph.add('Mul', [upstream, graph.floats(shares, to)]);
  const rest = kernel.map((size, axis) => {
    const reach = (size - 1) * (dilations[axis] ?? 1) + 1;
    const covered = ((to[axis] ?? 1) - 1) * (strides[axis] ?? 1) + reach - (pads[axis] ?? 0) - (pads[axis + 2] ?? 0);
    return (from[axis] ?? 1) - covered;
  });
  const ones = graph.add('Expand', [graph.floats([1]), graph.integers([channels, 1, ...kernel])]);
  const attributes = { kernel_shape: kernel, strides, dilations, pads, group: channels, output_padding: rest };
  return [graph.add('ConvTranspose', [mean, ones], attributes)];
};

function sidesOf({ node, dims }: GradientCall, name: string): readonly number[] {
  return dims(name)
    .slice(2)
    .map((size) => {
      if (size === null) throw node.unsupported({ expected: 'a known height and width', received: dims(name) });
      return size;
    });
}

/** Rules of pools over windows. */
export const poolRules: GradientRules = { MaxPool: maxPool, AveragePool: averagePool };
