import { product } from '../arithmetic.ts';
import { differentiate } from '../autodiff/differentiate.ts';
import { type Dims, inferShapes } from '../autodiff/infer-shapes.ts';
import { eachNode, neededFor } from '../backbones/own/encoder.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import type { OnnxGraph, OnnxNode } from '../onnx/onnx-model.ts';
import { decodeModel, encodeModel } from '../onnx/protobuf.ts';
import { opsetOf, requiredInputs } from '../onnx/read-onnx.ts';
import { declaredSizes, valueInfo } from '../onnx/value-info.ts';
import type { ExplainedModel } from './explainer.ts';
import { findLastMaps, type LastMap } from './find-maps.ts';
import { unexplainable } from './unexplainable.ts';

/** A graph that computes what the positions of a model's last maps contribute to its logits. */
export interface ContributionGraph {
  /**
   * The graph. Its input is float32 [N, pixels + labels]: the pixels of each image [height, width, 3], RGB 0..255, and
   * 1 for the explained label, 0 for the others. Its output is float32 [N, positions], the positions of one map after
   * the other.
   */
  readonly onnx: Uint8Array;
  /** The maps, in the order of the output. */
  readonly maps: readonly Pick<LastMap, 'height' | 'width'>[];
}

/** ReduceSum takes its axes as an input from this opset on. */
const OLDEST_OPSET = 13;

/**
 * Builds the graph of contributions: for each last map, the gradient of the score times how far the map is from its
 * mean over all positions, summed over the channels (gradient times activation, HiResCAM, arXiv:2011.08891). If the
 * head is linear on means of maps, this is exactly the class activation map (arXiv:1512.04150) less its mean. Without
 * the mean, channels that are equally active everywhere would decide where the heat lies.
 *
 * For labels that exclude each other, the score is the label's log-odds: evidence for the label and against the others,
 * the more probable ones first. A common offset of all logits cancels. Otherwise it is the label's own logit.
 * @param served model.onnx: images [N, height, width, 3] in, softmax or sigmoid of logits [N, labels] out
 * @throws GraftError ONNX_GRADIENT_UNSUPPORTED, DataError ONNX_UNREADABLE
 */
export function contributionGraph(served: Uint8Array, { exclusive }: Pick<ExplainedModel, 'exclusive'>): ContributionGraph {
  const model = decodeModel(served);
  const opset = opsetOf(model);
  if (opset < OLDEST_OPSET) throw unexplainable(`opset ${opset}`, opset);
  const { images, imageDims, logits } = endsOf(model.graph);
  // ONNX Runtime would compute further outputs, such as the novelty score, although nothing reads them.
  const nodes = neededFor(logits, model.graph.node);
  const used = new Set([...eachNode(nodes)].flatMap(({ input }) => input));
  const weights = model.graph.initializer.filter(({ name }) => used.has(name));
  const constants = new Map(weights.map((tensor) => [tensor.name, tensor]));
  const shapes = inferShapes(nodes, constants, new Map([[images, imageDims]]));
  const maps = findLastMaps(nodes, { images, logits, shapes });
  const labels = shapes.get(logits)?.[1];
  if (maps.length === 0 || labels === undefined || labels === null) throw unexplainable(logits, shapes.get(logits) ?? 'nothing');

  const builder = new GraphBuilder();
  const { input, marks } = builder.within('explanation', () => {
    builder.include({ node: [], initializer: weights });
    return unpack(builder, { images, imageDims, labels });
  });
  builder.include({ node: hooked(nodes, maps), initializer: [] });
  const gradients = differentiate(builder, {
    of: logits,
    upstream: exclusive && labels > 1 ? builder.within('explanation', () => logOddsGradient(builder, logits, marks)) : marks,
    by: maps.map((map) => pooledOf(map) ?? hookOf(map)),
    inputs: new Map<string, Dims>([[input.name, input.dims]]),
  });
  const output = builder.within('explanation', () => contributions(builder, maps, gradients));
  const { node, initializer } = builder.written;
  const graph = {
    ...model.graph,
    node,
    initializer,
    input: [valueInfo(input.name, input.dims)],
    output: [valueInfo(output, [null, null])],
    valueInfo: [],
  };
  return { onnx: encodeModel({ ...model, graph }), maps: maps.map(({ height, width }) => ({ height, width })) };
}

/** The input of the images, and the logits, which the last node turns to probabilities. */
function endsOf({ node, input, initializer, output, ...rest }: OnnxGraph) {
  const [images] = requiredInputs({ ...rest, node, input, initializer, output });
  const [probabilities] = output;
  const activation = node.find((each) => each.output.some((name) => name === probabilities?.name));
  const [logits] = activation?.input ?? [];
  const imageDims = declaredSizes(images ?? {});
  const isKnown = activation?.opType === 'Softmax' || activation?.opType === 'Sigmoid';
  if (images === undefined || logits === undefined || !isKnown) throw unexplainable('the output', activation?.opType);
  if (imageDims.length !== 4 || imageDims.indexOf(null, 1) > 0) throw unexplainable(images.name, imageDims);
  return { images: images.name, imageDims, logits };
}

/** Divides the input into the images, under the name that the model knows, and the marks of the labels. */
function unpack(
  graph: GraphBuilder,
  { images, imageDims, labels }: { readonly images: string; readonly imageDims: Dims; readonly labels: number },
) {
  const pixels = product(imageDims.slice(1).map((size) => size ?? 1));
  const dims = [null, pixels + labels] as const;
  const { info } = graph.input('explanation/input', dims);
  const part = (from: number, to: number): string =>
    graph.add('Slice', [info.name, ...[from, to, 1].map((value) => graph.integers([value]))]);
  const flat = part(0, pixels);
  const sizes = graph.integers(imageDims.map((size) => size ?? -1));
  const marks = part(pixels, pixels + labels);
  graph.include({
    node: [{ name: 'explanation/images', opType: 'Reshape', input: [flat, sizes], output: [images], attribute: [] }],
    initializer: [],
  });
  return { input: { name: info.name, dims }, marks };
}

/** Hides a logit from a softmax. */
const HIDDEN = 1e9;

/** Adds the gradient of the marked label's log-odds by the logits: 1 for the label, minus the softmax of the others. */
function logOddsGradient(graph: GraphBuilder, logits: string, marks: string): string {
  const others = graph.add('Sub', [logits, graph.add('Mul', [marks, graph.floats([HIDDEN])])]);
  return graph.add('Sub', [marks, graph.add('Softmax', [others], { axis: 1 })]);
}

/**
 * Copies each last map before it is reduced. The gradient of the copy is that of the score on this way alone: a later
 * map of the network depends on the map itself.
 */
function hooked(nodes: readonly OnnxNode[], maps: readonly LastMap[]): OnnxNode[] {
  return nodes.flatMap((node) => {
    const here = maps.filter(({ reducer }) => reducer === node);
    const copies = here.map((map): OnnxNode => {
      const name = hookOf(map);
      return { name, opType: 'Identity', input: [map.value], output: [name], attribute: [] };
    });
    const names = new Map(here.map((map) => [map.value, hookOf(map)]));
    return [...copies, { ...node, input: node.input.map((name) => names.get(name) ?? name) }];
  });
}

function hookOf({ value, reducer }: LastMap): string {
  return `explanation/${value}/${reducer.output[0]}`;
}

/** The output of a map's global average pool, [N, channels, 1, 1]; undefined if another node reduces the map. */
function pooledOf({ reducer, channelAxis }: LastMap): string | undefined {
  return reducer.opType === 'GlobalAveragePool' && channelAxis === 1 ? reducer.output[0] : undefined;
}

/**
 * @param gradients of the output of each global average pool, and of the other maps themselves
 * @returns the name of the contributions of all maps, [N, positions]
 */
function contributions(graph: GraphBuilder, maps: readonly LastMap[], gradients: readonly (string | undefined)[]): string {
  const rows = maps.map((map, i) => {
    const gradient = gradients[i];
    if (gradient === undefined) throw unexplainable(map.value, 'a map that the logits do not depend on');
    const positions = map.height * map.width;
    if (pooledOf(map) !== undefined) return pooledContributions(graph, map, gradient);
    const total = graph.add('ReduceSum', [map.value, graph.integers(map.channelAxis === 1 ? [2, 3] : [1, 2])], { keepdims: 1 });
    const centred = graph.add('Sub', [map.value, graph.add('Mul', [total, graph.floats([1 / positions])])]);
    const products = graph.add('Mul', [gradient, centred]);
    const summed = graph.add('ReduceSum', [products, graph.integers([map.channelAxis])], { keepdims: 0 });
    return graph.add('Reshape', [summed, graph.integers([-1, positions])]);
  });
  return graph.add('Concat', rows, { axis: 1 });
}

/**
 * Below a global average pool, the gradient is the same at all positions. The sum over the channels is then a product of
 * matrices, and the mean can be subtracted from the sum, which takes much less memory traffic.
 * @param gradient of the pool's output
 */
function pooledContributions(graph: GraphBuilder, { value, height, width }: LastMap, gradient: string): string {
  const positions = height * width;
  const weights = graph.add('Reshape', [gradient, graph.integers([0, 1, -1])]);
  const rows = graph.add('Reshape', [value, graph.integers([0, -1, positions])]);
  const summed = graph.add('Reshape', [graph.add('MatMul', [weights, rows]), graph.integers([-1, positions])]);
  const total = graph.add('ReduceSum', [summed, graph.integers([1])], { keepdims: 1 });
  const centred = graph.add('Sub', [summed, graph.add('Mul', [total, graph.floats([1 / positions])])]);
  return graph.add('Mul', [centred, graph.floats([1 / positions])]);
}
