import { GraftError } from '../errors.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import type { OnnxNode, OnnxTensor } from '../onnx/onnx-model.ts';
import { ownEntry } from '../own-entry.ts';
import { gradientRules } from './gradient-rules.ts';
import { inferShapes, type Shapes } from './infer-shapes.ts';
import { NodeReader } from './node-reader.ts';

export interface DifferentiateOptions {
  /** Name of the value to differentiate. */
  readonly of: string;
  /** Name of the gradient of `of`, in its shape; usually a constant 1. */
  readonly upstream: string;
  /** Names of the values to differentiate by: inputs, constants or outputs of nodes. */
  readonly by: readonly string[];
  /** Shapes of the graph's inputs. */
  readonly inputs: Shapes;
}

/**
 * Adds the nodes of a gradient to a graph: reverse-mode differentiation, in operators of the ONNX standard. Only nodes
 * that lie between `by` and `of` are differentiated.
 * @returns the name of the gradient of each value of `by`; undefined if `of` does not depend on it
 * @throws GraftError ONNX_GRADIENT_UNSUPPORTED, which names the operator and the node
 */
export function differentiate(
  graph: GraphBuilder,
  { of, upstream, by, inputs }: DifferentiateOptions,
): readonly (string | undefined)[] {
  const { node: nodes, initializer } = graph.written;
  const constants = new Map(initializer.map((tensor) => [tensor.name, tensor]));
  const shapes = inferShapes(nodes, constants, inputs);
  const active = dependents(nodes, by);
  const gradients = new Gradients(graph);
  gradients.add(of, upstream);
  for (const node of nodes.toReversed()) {
    const [output = ''] = node.output;
    // An output of a node may itself be in `by`, with nothing before it.
    if (!active.has(output) || !node.input.some((name) => active.has(name))) continue;
    const arrived = gradients.of(output);
    if (arrived === undefined) continue;
    const results = applyRule(node, graph, { upstream: arrived, constants, shapes, needs: (name) => active.has(name) });
    for (const [i, name] of node.input.entries()) {
      const gradient = results[i];
      if (gradient !== undefined && active.has(name)) gradients.add(name, gradient);
    }
  }
  return by.map((name) => gradients.of(name));
}

interface RuleContext {
  readonly upstream: string;
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  readonly shapes: Shapes;
  /** Tells whether the gradient of a value is needed. */
  readonly needs: (name: string) => boolean;
}

function applyRule(
  node: OnnxNode,
  graph: GraphBuilder,
  { upstream, constants, shapes, needs }: RuleContext,
): readonly (string | undefined)[] {
  const reader = new NodeReader(node, constants);
  const rule = ownEntry(gradientRules, node.opType);
  if (rule === undefined) throw reader.unsupported({ expected: Object.keys(gradientRules).join(', '), received: node.opType });
  return graph.within(`gradient/${node.name}`, () =>
    rule({
      node: reader,
      graph,
      upstream,
      dims: (name) => shapes.get(name) ?? [],
      needs: (i) => needs(node.input[i] ?? ''),
    }),
  );
}

/**
 * Tells whether a node can be differentiated by its inputs that are not constants.
 * @param shapes of its inputs and outputs
 */
export function isDifferentiable(node: OnnxNode, constants: ReadonlyMap<string, OnnxTensor>, shapes: Shapes): boolean {
  const graph = new GraphBuilder();
  graph.include({ node: [node], initializer: [] });
  const { value } = graph.input('upstream', []);
  try {
    applyRule(node, graph, { upstream: value.name, constants, shapes, needs: (name) => name !== '' && !constants.has(name) });
    return true;
  } catch (error) {
    if (error instanceof GraftError && error.code === 'ONNX_GRADIENT_UNSUPPORTED') return false;
    throw error;
  }
}

/** Names of values that depend on any of the given ones, and those themselves. */
function dependents(nodes: readonly OnnxNode[], of: readonly string[]): ReadonlySet<string> {
  const names = new Set(of);
  for (const { input, output } of nodes) {
    // An empty name is an omitted input or output.
    if (input.some((name) => names.has(name))) for (const name of output) if (name !== '') names.add(name);
  }
  return names;
}

/** The gradients that arrived at each value, which add up. */
class Gradients {
  readonly #graph: GraphBuilder;
  readonly #terms = new Map<string, string[]>();

  constructor(graph: GraphBuilder) {
    this.#graph = graph;
  }

  add(name: string, gradient: string): void {
    this.#terms.set(name, [...(this.#terms.get(name) ?? []), gradient]);
  }

  /** The sum of the gradients of a value, once all have arrived. */
  of(name: string): string | undefined {
    const terms = this.#terms.get(name);
    if (terms === undefined) return undefined;
    const sum = terms.reduce((total, term) => this.#graph.add('Add', [total, term]));
    this.#terms.set(name, [sum]);
    return sum;
  }
}
