import { isDifferentiable } from '../../autodiff/differentiate.ts';
import type { Dims } from '../../autodiff/infer-shapes.ts';
import { elementType, type OnnxNode } from '../../onnx/onnx-model.ts';
import { type Encoder, eachNode, neededFor } from './encoder.ts';
import type { TrainableGraph } from './trainable-graph.ts';
import { countLayers, trainableWeights } from './trainable-weights.ts';

/** A value through which all paths from the images to the output pass. */
export interface CutPoint {
  /** Name of the value; the images are the first. */
  readonly value: string;
  /** Number of layers with weights after it. */
  readonly layers: number;
  /** The last node after it that cannot train; undefined if all can. */
  readonly blocked: OnnxNode | undefined;
}

/**
 * Lists the values at which an encoder can be cut, from the images on: those of a known shape that alone lead on to the
 * output. It visits each node once, because a submission waits for it.
 */
export function cutPoints(graph: TrainableGraph): CutPoint[] {
  const { encoder, shapes } = graph;
  const trained = new Set(trainableWeights(encoder.nodes, encoder.weights).map(({ name }) => name));
  const blocked = blockedNodes(graph, trained);
  const values = soleValues(encoder).toReversed();
  const points: CutPoint[] = [];
  let layers = 0;
  let last: OnnxNode | undefined;
  for (const [i, nodes] of nodesBetween(values, encoder).entries()) {
    const value = values[i] ?? '';
    layers += countLayers(nodes, trained);
    last = lastOf(last === undefined ? nodes : [...nodes, last], blocked);
    if (canBeFeatures(shapes.get(value)) && (value !== encoder.images.name || hasFloatImages(encoder)))
      points.push({ value, layers, blocked: last });
  }
  return points.toReversed();
}

/**
 * The nodes after each value that are not after a later one.
 * @param values as soleValues, from the last on
 */
function nodesBetween(values: readonly string[], { nodes, output }: Encoder): OnnxNode[][] {
  const makers = new Map(nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const seen = new Set<OnnxNode>();
  let later = output;
  return values.map((value) => {
    const found: OnnxNode[] = [];
    for (const open = [later]; open.length > 0; ) {
      const name = open.pop() ?? '';
      const node = name === value ? undefined : makers.get(name);
      if (node === undefined || seen.has(node)) continue;
      seen.add(node);
      found.push(node);
      for (const { input } of eachNode([node])) for (const needed of input) open.push(needed);
    }
    later = value;
    return found;
  });
}

/** The nodes that the output needs besides those before a value. */
export function nodesAfter(value: string, { nodes, output }: Encoder): OnnxNode[] {
  return neededFor(output, nodes, value);
}

/** A vector, tokens or a map, of a known size. */
function canBeFeatures(dims: Dims | undefined): boolean {
  if (dims === undefined || dims.length < 2 || dims.length > 4) return false;
  return dims[0] === null && dims.slice(1).every((size) => size !== null);
}

/** Features are float32, so images of another type are converted before a cut. */
function hasFloatImages({ images: { type } }: Encoder): boolean {
  return type?.tensorType?.elemType === elementType.float32;
}

/** The values that alone depend on the images and are still used, at some place between two nodes. */
function soleValues({ images, nodes, output }: Encoder): string[] {
  const lastUse = new Map<string, number>([[output, nodes.length]]);
  for (const [i, node] of nodes.entries()) {
    for (const { input } of eachNode([node])) for (const name of input) lastUse.set(name, Math.max(i, lastUse.get(name) ?? i));
  }
  const isUsedAfter = (i: number, name: string): boolean => (lastUse.get(name) ?? -1) > i;
  const dependent = new Set([images.name]);
  const live = new Set([images.name]);
  const found = new Set([images.name]);
  for (const [i, node] of nodes.entries()) {
    const inputs = [...eachNode([node])].flatMap(({ input }) => input);
    if (inputs.some((name) => dependent.has(name))) {
      for (const name of node.output) dependent.add(name);
      for (const name of node.output) if (isUsedAfter(i, name)) live.add(name);
    }
    for (const name of inputs) if (!isUsedAfter(i, name)) live.delete(name);
    const [only] = live;
    if (only !== undefined && live.size === 1 && only !== output) found.add(only);
  }
  return [...found];
}

/** Of blocked nodes the one with the highest number. */
function lastOf(nodes: readonly OnnxNode[], blocked: ReadonlyMap<OnnxNode, number>): OnnxNode | undefined {
  const numbered = nodes.filter((node) => blocked.has(node));
  return numbered.reduce<OnnxNode | undefined>(
    (last, node) => (last === undefined || (blocked.get(node) ?? 0) > (blocked.get(last) ?? 0) ? node : last),
    undefined,
  );
}

/**
 * The nodes that have no gradient, numbered in their order. Those that are blocked only because the shapes before them
 * are not known have the lowest numbers.
 * @param trained names of the weights that train
 */
function blockedNodes(
  { encoder: { nodes, weights }, shapes }: TrainableGraph,
  trained: ReadonlySet<string>,
): ReadonlyMap<OnnxNode, number> {
  const constants = new Map(weights.filter(({ name }) => !trained.has(name)).map((tensor) => [tensor.name, tensor]));
  const hasShapes = (names: readonly string[]): boolean => names.every((name) => name === '' || shapes.has(name));
  const isBlocked = (node: OnnxNode): boolean =>
    !hasShapes([...node.input, ...node.output.slice(0, 1)]) || !isDifferentiable(node, constants, shapes);
  const numbered = nodes.map((node, i) => [node, hasShapes(node.input) ? nodes.length + i : i] as const);
  return new Map(numbered.filter(([node]) => isBlocked(node)));
}
