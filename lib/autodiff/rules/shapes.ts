import { type GradientRule, type GradientRules, reshapeTo } from '../gradient-rule.ts';
import { permutation, positiveAxis, readPads, sliceRange } from '../node-axes.ts';

/** y has the elements of x in the same order: dx = dy in the shape of x. */
const reshape: GradientRule = ({ node, graph, upstream, dims }) => [reshapeTo(graph, upstream, dims(node.input(0)))];

/** Rules of operators that move elements. */
export const shapeRules: GradientRules = {
  Flatten: reshape,
  Reshape: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  /** The gradient of each part is its slice of dy. */
  Concat: ({ node, graph, upstream, dims, needs }) => {
    const { input } = node.node;
    const axis = positiveAxis(node.int('axis', 0), dims(node.output).length);
    let start = 0;
    return input.map((name, i) => {
      const size = dims(name)[axis] ?? null;
      if (size === null) throw node.unsupported({ expected: 'known sizes along the axis', received: dims(name) });
      const range = [start, start + size];
      start += size;
      return needs(i) ? graph.add('Slice', [upstream, ...[...range, axis].map((value) => graph.integers([value]))]) : undefined;
    });
  },
  /** dx = dy without its margins */
  Pad: ({ node, graph, upstream, dims }) => {
    const mode = node.text('mode', 'constant');
    const rank = dims(node.input(0)).length;
    const pads = readPads(node, rank);
    if (mode !== 'constant') throw node.unsupported({ expected: 'mode constant', received: mode });
    if (pads.some((pad) => pad < 0)) throw node.unsupported({ expected: 'pads of 0 or more', received: pads });
    const axes = pads.slice(0, rank).flatMap((before, axis) => (before > 0 || (pads[axis + rank] ?? 0) > 0 ? [axis] : []));
    if (axes.length === 0) return [upstream];
    const starts = axes.map((axis) => pads[axis] ?? 0);
    // Negative ends count from the end; where nothing follows, the end exceeds every size.
    const ends = axes.map((axis) => -(pads[axis + rank] ?? 0) || 2 ** 31 - 1);
    return [graph.add('Slice', [upstream, ...[starts, ends, axes].map((values) => graph.integers(values))])];
  },
  /** dx = dy with zeros around it */
  Slice: ({ node, graph, upstream, dims }) => {
    const sizes = dims(node.input(0));
    const axes = node.integers(3) ?? node.integers(1)?.map((_, axis) => axis) ?? [];
    const before = sizes.map(() => 0);
    const after = sizes.map(() => 0);
    for (const [position, each] of axes.entries()) {
      const axis = positiveAxis(each, sizes.length);
      const size = sizes[axis] ?? null;
      if (size === null) throw node.unsupported({ expected: 'slices of known sizes', received: sizes });
      const { start, end, step } = sliceRange(node, position, size);
      if (step !== 1) throw node.unsupported({ expected: 'steps of 1', received: step });
      before[axis] = start;
      after[axis] = size - Math.max(start, end);
    }
    return [graph.add('Pad', [upstream, graph.integers([...before, ...after])])];
  },
  /** dx = dy with the axes back in their places */
  Transpose: ({ node, graph, upstream, dims }) => {
    const order = permutation(node, dims(node.input(0)).length);
    return [graph.add('Transpose', [upstream], { perm: order.map((_, axis) => order.indexOf(axis)) })];
  },
};
