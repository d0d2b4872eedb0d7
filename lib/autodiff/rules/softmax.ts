import type { GradientRules } from '../gradient-rule.ts';

/** Rules of the softmax along an axis. */
export const softmaxRules: GradientRules = {
  /** dx = y (dy - sum(dy y)) */
  Softmax: ({ node, graph, upstream }) => {
    const axes = graph.integers([node.int('axis', -1)]);
    const sum = graph.add('ReduceSum', [graph.add('Mul', [upstream, node.output]), axes], { keepdims: 1 });
    return [graph.add('Mul', [node.output, graph.add('Sub', [upstream, sum])])];
  },
  /** dx = dy - exp(y) sum(dy) */
  LogSoftmax: ({ node, graph, upstream }) => {
    const sum = graph.add('ReduceSum', [upstream, graph.integers([node.int('axis', -1)])], { keepdims: 1 });
    return [graph.add('Sub', [upstream, graph.add('Mul', [graph.add('Exp', [node.output]), sum])])];
  },
};
