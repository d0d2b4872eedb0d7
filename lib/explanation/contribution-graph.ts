import { product } from '../arithmetic.ts';
import { differentiate } from '../autodiff/differentiate.ts';
import { type Dims, inferShapes } from '../autodiff/infer-shapes.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import type { OnnxGraph, OnnxNode } from '../onnx/onnx-model.ts';
import { decodeModel, encodeModel } from '../onnx/protobuf.ts';
import { opsetOf, requiredInputs } from '../onnx/read-onnx.ts';
import { declaredSizes, valueInfo } from '../onnx/value-info.ts';
import { findLastMaps, type LastMap } from './find-maps.ts';
import { unexplainable } from './unexplainable.ts';

/** A graph that computes what the positions of a model's last maps contribute to its logits. */
export interface ContributionGraph {
  /**
   * The graph. Its input is float32 [N, pixels + labels]: the pixels of each image [height, width, 3], RGB 0..255, and
   * the weight of each logit in the explained score. Its output is float32 [N, positions], the positions of one map
   * after the other.
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
 * @param served model.onnx: images [N, height, width, 3] in, softmax or sigmoid of logits [N, labels] out
 * @throws GraftError ONNX_GRADIENT_UNSUPPORTED, DataError ONNX_UNREADABLE
 */
export function contributionGraph(served: Uint8Array): ContributionGraph {
  const model = decodeModel(served);
  const opset = opsetOf(model);
  if (opset < OLDEST_OPSET) throw unexplainable(`opset ${opset}`, opset);
  const { images, imageDims, logits, activation } = endsOf(model.graph);
  const nodes = model.graph.node.filter((node) => node !== activation);
  const constants = new Map(model.graph.initializer.map((tensor) => [tensor.name, tensor]));
  const shapes = inferShapes(nodes, constants, new Map([[images, imageDims]]));
  const maps = findLastMaps(nodes, { images, logits, shapes });
  const labels = shapes.get(logits)?.[1];
  if (maps.length === 0 || labels === undefined || labels === null) throw unexplainable(logits, shapes.get(logits) ?? 'nothing');

  const builder = new GraphBuilder();
  const { input, direction } = builder.within('explanation', () => {
    builder.include({ node: [], initializer: model.graph.initializer });
    return unpack(builder, { images, imageDims, labels });
  });
  builder.include({ node: hooked(nodes, maps), initializer: [] });
  const gradients = differentiate(builder, {
    of: logits,
    upstream: direction,
    by: maps.map(hookOf),
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

/** The input of the images, and the node that turns the logits to probabilities. */
function endsOf({ node, input, initializer, output, ...rest }: OnnxGraph) {
  const [images] = requiredInputs({ ...rest, node, input, initializer, output });
  const [probabilities] = output;
  const activation = node.find((each) => each.output.some((name) => name === probabilities?.name));
  const [logits] = activation?.input ?? [];
  const imageDims = declaredSizes(images ?? {});
  const isKnown = activation?.opType === 'Softmax' || activation?.opType === 'Sigmoid';
  if (images === undefined || logits === undefined || !isKnown) throw unexplainable('the output', activation?.opType);
  if (imageDims.length !== 4 || imageDims.indexOf(null, 1) > 0) throw unexplainable(images.name, imageDims);
  return { images: images.name, imageDims, logits, activation };
}

/** Divides the input into the images, under the name that the model knows, and the weights of the logits. */
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
  const direction = part(pixels, pixels + labels);
  graph.include({
    node: [{ name: 'explanation/images', opType: 'Reshape', input: [flat, sizes], output: [images], attribute: [] }],
    initializer: [],
  });
  return { input: { name: info.name, dims }, direction };
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

/** @returns the name of the contributions of all maps, [N, positions] */
function contributions(graph: GraphBuilder, maps: readonly LastMap[], gradients: readonly (string | undefined)[]): string {
  const rows = maps.map((map, i) => {
    const gradient = gradients[i];
    if (gradient === undefined) throw unexplainable(map.value, 'a map that the logits do not depend on');
    const positions = map.height * map.width;
    const total = graph.add('ReduceSum', [map.value, graph.integers(map.channelAxis === 1 ? [2, 3] : [1, 2])], { keepdims: 1 });
    const centred = graph.add('Sub', [map.value, graph.add('Mul', [total, graph.floats([1 / positions])])]);
    const products = graph.add('Mul', [gradient, centred]);
    const summed = graph.add('ReduceSum', [products, graph.integers([map.channelAxis])], { keepdims: 0 });
    return graph.add('Reshape', [summed, graph.integers([-1, positions])]);
  });
  return graph.add('Concat', rows, { axis: 1 });
}
