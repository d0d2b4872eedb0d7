import type { GraphBuilder } from '../onnx/graph-builder.ts';
import type { Dims } from './infer-shapes.ts';
import type { NodeReader } from './node-reader.ts';

/** A node under differentiation. */
export interface GradientCall {
  readonly node: NodeReader;
  /** Takes the nodes of the gradient. */
  readonly graph: GraphBuilder;
  /** The name of the gradient of the node's first output, which has that output's shape. */
  readonly upstream: string;
  /** Sizes of a value of the forward pass. */
  readonly dims: (name: string) => Dims;
  /** Tells whether the gradient of input `i` is needed. */
  readonly needs: (i: number) => boolean;
}

/**
 * Writes the nodes that compute the gradients of a node's inputs.
 * @returns the name of the gradient of each input, in its input's shape; undefined if it is not needed
 */
export type GradientRule = (call: GradientCall) => readonly (string | undefined)[];

/** Rules by operator. */
export type GradientRules = Readonly<Record<string, GradientRule>>;

/**
 * Sums a gradient over the axes along which its value was broadcast.
 * @param from shape of the gradient
 * @param to shape of the value
 */
export function sumToShape(graph: GraphBuilder, gradient: string, from: Dims, to: Dims): string {
  const added = from.length - to.length;
  const axes = from.flatMap((size, axis) => (axis < added || (to[axis - added] === 1 && size !== 1) ? [axis] : []));
  const summed = axes.length === 0 ? gradient : graph.add('ReduceSum', [gradient, graph.integers(axes)], { keepdims: 1 });
  return added === 0 ? summed : reshapeTo(graph, summed, to);
}

/** Reshapes a value, of which at most one size may be known only at run time. */
export function reshapeTo(graph: GraphBuilder, value: string, to: Dims): string {
  return graph.add('Reshape', [value, graph.integers(to.map((size) => size ?? -1))]);
}

/** Broadcasts a value to the shape of another value. */
export function expandLike(graph: GraphBuilder, value: string, like: string): string {
  return graph.add('Expand', [value, graph.add('Shape', [like])]);
}

/** The value where the condition holds, otherwise 0. */
export function onlyWhere(graph: GraphBuilder, condition: string, value: string): string {
  return graph.add('Where', [condition, value, graph.floats([0])]);
}
