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
 * output.
 */
export function cutPoints(graph: TrainableGraph): CutPoint[] {
  const { encoder, shapes } = graph;
  const blocked = blockedNodes(graph);
  return soleValues(encoder)
    .filter((value) => canBeFeatures(shapes.get(value)) && (value !== encoder.images.name || hasFloatImages(encoder)))
    .map((value) => {
      const after = nodesAfter(value, encoder);
      return { value, layers: countLayers(after, encoder.weights), blocked: lastOf(after, blocked, shapes) };
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
  let live = [images.name];
  const found = new Set(live);
  for (const [i, node] of nodes.entries()) {
    if ([...eachNode([node])].some(({ input }) => input.some((name) => dependent.has(name)))) {
      for (const name of node.output) dependent.add(name);
      live.push(...node.output);
    }
    live = live.filter((name) => isUsedAfter(i, name));
    const [only, ...more] = live;
    if (only !== undefined && more.length === 0 && only !== output) found.add(only);
  }
  return [...found];
}

/** The last blocked node, if possible one that is not blocked only because the shapes before it are not known. */
function lastOf(
  nodes: readonly OnnxNode[],
  blocked: ReadonlySet<OnnxNode>,
  shapes: TrainableGraph['shapes'],
): OnnxNode | undefined {
  const last = nodes.filter((node) => blocked.has(node));
  return last.findLast(({ input }) => input.every((name) => name === '' || shapes.has(name))) ?? last.at(-1);
}

/** The nodes that have no gradient. */
function blockedNodes({ encoder: { nodes, weights }, shapes }: TrainableGraph): ReadonlySet<OnnxNode> {
  const trained = new Set(trainableWeights(nodes, weights).map(({ name }) => name));
  const constants = new Map(weights.filter(({ name }) => !trained.has(name)).map((tensor) => [tensor.name, tensor]));
  const isBlocked = (node: OnnxNode): boolean => {
    const hasShapes = [...node.input, ...node.output.slice(0, 1)].every((name) => name === '' || shapes.has(name));
    return !hasShapes || !isDifferentiable(node, constants, shapes);
  };
  return new Set(nodes.filter(isBlocked));
}
