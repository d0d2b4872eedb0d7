import { expandLike, type GradientCall, type GradientRule, type GradientRules, onlyWhere, reshapeTo } from '../gradient-rule.ts';
import { sizeOf } from '../infer-shapes.ts';
import { reducedAxes } from '../node-axes.ts';

/** Creates a rule from the gradient of each reduced element, given dy in a shape that broadcasts over x. */
function reduction(ofElement: (call: GradientCall, dy: string, axes: readonly number[]) => string): GradientRule {
  return (call) => {
    const { node, graph, upstream, dims } = call;
    const sizes = dims(node.input(0));
    const axes = reducedAxes(node, sizes.length);
    const kept = sizes.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const dy = node.int('keepdims', 1) === 0 ? reshapeTo(graph, upstream, kept) : upstream;
    return [ofElement(call, dy, axes)];
  };
}

/** The number of elements of x for each of y, as a float. */
function elementsPerResult({ node, graph, dims }: GradientCall, axes: readonly number[]): string {
  const count = sizeOf(axes.map((axis) => dims(node.input(0))[axis] ?? null));
  if (count !== null) return graph.floats([count]);
  const size = (name: string): string => graph.add('Cast', [graph.add('Size', [name])], { to: 1 });
  return graph.add('Div', [size(node.input(0)), size(node.output)]);
}

/** Rules of sums and means. */
export const reductionRules: GradientRules = {
  /** dx = dy / count, for each element */
  ReduceMean: reduction((call, dy, axes) => {
    const { graph, node } = call;
    return expandLike(graph, graph.add('Div', [dy, elementsPerResult(call, axes)]), node.input(0));
  }),
  /** dx = dy, for each element */
  ReduceSum: reduction(({ graph, node }, dy) => expandLike(graph, dy, node.input(0))),
  /** dx = 2 x dy */
  ReduceSumSquare: reduction(({ graph, node }, dy) =>
    graph.add('Mul', [node.input(0), graph.add('Mul', [dy, graph.floats([2])])]),
  ),
  /** dx = dy / (height width), for each pixel */
  GlobalAveragePool: ({ node, graph, upstream, dims }) => {
    const pixels = sizeOf(dims(node.input(0)).slice(2));
    if (pixels === null) throw node.unsupported({ expected: 'a known height and width', received: dims(node.input(0)) });
    return [expandLike(graph, graph.add('Mul', [upstream, graph.floats([1 / pixels])]), node.input(0))];
  },
  /** dx = dy at the pixels that have the largest value */
  GlobalMaxPool: ({ node, graph, upstream }) => [onlyWhere(graph, graph.add('Equal', [node.input(0), node.output]), upstream)],
};
