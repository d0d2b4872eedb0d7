import { GraphBuilder, type Value } from '../../onnx/graph-builder.ts';
import {
  attributeType,
  elementType,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from '../../onnx/onnx-model.ts';
import { encodeModel } from '../../onnx/protobuf.ts';
import type { EncoderPool } from './choose-pooling.ts';
import type { CutFeatures } from './cut-features.ts';
import { type Encoder, eachNode } from './encoder.ts';
import type { EncoderInput } from './image-input.ts';
import type { PixelNormalization } from './normalization.ts';

/** The IR version that added 4-bit types. Later versions add nothing that this runtime needs. */
const irVersion = 10;
/** From this opset on, ReduceMean takes its axes as an input. */
const axesAsInput = 18;

/** A user's encoder, with its input format and normalization. */
export interface EncoderParts {
  readonly encoder: Encoder;
  readonly input: EncoderInput;
  readonly normalization: PixelNormalization;
  /**
   * Whether to run it on one image at a time, because it takes no batch or because images in a batch affect each
   * other.
   */
  readonly perImage: boolean;
}

/** How the encoder's output becomes the output of the graph: as a vector, or as the features at a cut. */
export interface EncoderEnd {
  readonly pool?: EncoderPool;
  readonly features?: CutFeatures;
}

/**
 * Writes an encoder as a trunk that takes float32 [N, height, width, 3], RGB 0..255. It returns the encoder's own
 * output, with `pool` float32 [N, features], or with `features` float32 [N, ...featureShape].
 */
export function writeEncoder(parts: EncoderParts, end: EncoderEnd = {}): Uint8Array {
  const { encoder, input } = parts;
  const names = builderBeside(encoder);
  const inner = parts.perImage ? eachImage(parts, names) : { ...encoder, images: input.name };
  const before = prepare(parts, inner.images, builderBeside(encoder));
  const after = finish(inner.output, end, encoder.opset, builderBeside(encoder));
  const isAsItIs = end.pool === undefined && end.features === undefined;
  const graph: OnnxGraph = {
    name: 'own',
    node: [...before.node, ...inner.nodes, ...after.node],
    // Graft names its small constants by their content, so equal names have equal content.
    initializer: distinct([...inner.weights, ...before.initializer, ...after.initializer]),
    input: before.input,
    output: isAsItIs ? after.output.map(({ name }) => valueInfo(name, elementType.float32)) : after.output,
    valueInfo: [],
  };
  return encodeModel({ irVersion, producerName: 'graft', opsetImport: encoder.opsetImport, metadataProps: [], graph });
}

/** Writes the conversion from a trunk's input to this encoder's input, named `target`. */
function prepare({ input, normalization }: EncoderParts, target: string, graph: GraphBuilder): OnnxGraph {
  const { layout, inputSize, elementType: type } = input;
  const { value, info } = graph.input('images', [null, ...inputSize, 3]);
  return graph.within('prepare', () => {
    const each = layout === 'NCHW' ? [3, 1, 1] : [3];
    const scale = normalization.std.map((std) => Math.fround(1 / (255 * std)));
    const offset = normalization.mean.map((mean, channel) => -mean / (normalization.std[channel] ?? 1));
    let x = layout === 'NCHW' ? graph.map('Transpose', value, [], { perm: [0, 3, 1, 2] }) : value;
    if (scale.some((factor) => factor !== 1)) x = graph.map('Mul', x, [graph.floats(scale, each)]);
    if (offset.some((term) => term !== 0)) x = graph.map('Add', x, [graph.floats(offset, each)]);
    if (normalization.channels === 'bgr')
      x = graph.map('Gather', x, [graph.integers([2, 1, 0])], { axis: layout === 'NCHW' ? 1 : 3 });
    return graph.finish('prepare', info, cast(graph, x, type), target);
  });
}

function cast(graph: GraphBuilder, value: Value, type: number): Value {
  if (type === elementType.float32) return value;
  // Resized images have fractional values; uint8 needs whole ones.
  const whole =
    type === elementType.uint8 ? graph.map('Clip', graph.map('Round', value), [graph.floats([0]), graph.floats([255])]) : value;
  return graph.map('Cast', whole, [], { to: type });
}

/** Writes the conversion from the encoder's output to float32 and to the end. */
function finish(output: string, { pool, features }: EncoderEnd, opset: number, graph: GraphBuilder): OnnxGraph {
  const value: Value = { name: output, shape: [null], layout: 'channels-last' };
  const { info } = graph.input('output', [null]);
  return graph.within('finish', () => {
    const floats = graph.map('Cast', value, [], { to: elementType.float32 });
    const whole = pool === undefined ? floats : pooled(graph, floats, pool, opset);
    const result = features === undefined ? whole : features.fromValue(graph, whole);
    return graph.finish('finish', info, result, graph.unique('features'));
  });
}

/** Writes the pooling of an encoder's output to a vector. */
export function pooled(graph: GraphBuilder, value: Value, { pooling, axes, features }: EncoderPool, opset: number): Value {
  const shape = [null, features];
  if (pooling === undefined) return { ...value, shape };
  if (pooling === 'class-token') {
    const first = graph.add('Slice', [value.name, ...[0, 1, 1].map((number) => graph.integers([number]))]);
    return { ...value, shape, name: graph.add('Flatten', [first], { axis: 1 }) };
  }
  const name =
    opset >= axesAsInput
      ? graph.add('ReduceMean', [value.name, graph.integers(axes)], { keepdims: 0 })
      : graph.add('ReduceMean', [value.name], { axes, keepdims: 0 });
  return { ...value, shape, name };
}

/** The nodes between preparation and pooling. */
interface Inner {
  /** Name of its input, the prepared images. */
  readonly images: string;
  readonly nodes: readonly OnnxNode[];
  readonly weights: readonly OnnxTensor[];
  readonly output: string;
}

/**
 * Wraps the encoder in ONNX's Scan: its body takes one image at a time, as a batch of one, and Scan stacks the
 * results.
 */
function eachImage({ encoder, input }: EncoderParts, names: GraphBuilder): Inner {
  const { layout, inputSize, name, elementType: type } = input;
  const sizes = layout === 'NCHW' ? [3, ...inputSize] : [...inputSize, 3];
  const [images, results] = [names.unique('images_prepared'), names.unique('results')];
  const [image, result] = [names.unique('image'), names.unique('result')];
  const batchOfOne = integers(names.unique('batch_of_one'), [1, ...sizes], [4]);
  const first = integers(names.unique('first'), [0], []);
  const node = (opType: string, inputs: string[], output: string, attribute: OnnxAttribute[] = []): OnnxNode => {
    return { name: names.unique(opType), opType, input: inputs, output: [output], attribute };
  };
  const body: OnnxGraph = {
    name: 'each image',
    node: [
      node('Reshape', [image, batchOfOne.name], name),
      ...encoder.nodes,
      node('Gather', [encoder.output, first.name], result),
    ],
    initializer: [...encoder.weights, batchOfOne, first],
    input: [valueInfo(image, type, sizes)],
    output: [{ name: result }],
    valueInfo: [],
  };
  const scan = node('Scan', [images], results, [
    { name: 'body', type: attributeType.graph, g: body },
    { name: 'num_scan_inputs', type: attributeType.int, i: 1 },
  ]);
  return { images, nodes: [scan], weights: [], output: results };
}

function integers(name: string, values: readonly number[], dims: readonly number[]): OnnxTensor {
  return { name, dims, dataType: elementType.int64, rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) };
}

function valueInfo(name: string, elemType: number, sizes?: readonly number[]): OnnxValueInfo {
  const shape = sizes && { dim: sizes.map((dimValue) => ({ dimValue })) };
  return { name, type: { tensorType: { elemType, ...(shape && { shape }) } } };
}

/** Creates a builder that avoids the encoder's names. */
export function builderBeside({ images, nodes, weights }: Encoder): GraphBuilder {
  const graph = new GraphBuilder();
  graph.reserve(images.name);
  for (const { name } of weights) graph.reserve(name);
  for (const { name = '', output } of eachNode(nodes)) for (const taken of [name, ...output]) graph.reserve(taken);
  return graph;
}

function distinct(tensors: readonly OnnxTensor[]): OnnxTensor[] {
  return [...new Map(tensors.map((tensor) => [tensor.name, tensor])).values()];
}
