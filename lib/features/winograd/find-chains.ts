import { product, sumOf } from '../../arithmetic.ts';
import { type Dims, inferShapes } from '../../autodiff/infer-shapes.ts';
import { NodeReader } from '../../autodiff/node-reader.ts';
import { subgraphs } from '../../backbones/own/encoder.ts';
import { GraftError } from '../../errors.ts';
import { elementType, type OnnxGraph, type OnnxNode, type OnnxTensor } from '../../onnx/onnx-model.ts';
import { declaredSizes } from '../../onnx/value-info.ts';
import { POSITIONS } from '../../onnx/winograd-transforms.ts';

/**
 * Channels from which a Winograd convolution is faster: with fewer, moving the maps takes longer than the
 * multiplications that it saves.
 */
const FEWEST_INPUTS = 128;
const FEWEST_OUTPUTS = 256;
/** Convolutions of a chain: its map is transposed before the first and after the last one. */
const FEWEST_CONVOLUTIONS = 3;
/** Of the transformed kernels of a graph, in bytes: VGG19 has 317 MB. */
const MOST_BYTES = 400e6;

/** Of the first map of a chain, in bytes for each image: a rewritten chain takes several times the memory of its maps. */
const MOST_MAP_BYTES = 32e6;

/** Height, width and channels of a map. */
export interface MapSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** One node of a chain. */
export type ChainStep =
  | { readonly kind: 'convolution'; readonly node: OnnxNode; readonly kernels: OnnxTensor; readonly outputs: number }
  | { readonly kind: 'relu' | 'pool'; readonly node: OnnxNode };

/** Nodes that follow each other, without another consumer between them. */
export interface ConvolutionChain {
  /** The size of the map that the first node takes. */
  readonly size: MapSize;
  /** Three convolutions or more, and the activations and pools after each. */
  readonly steps: readonly [ChainStep, ...ChainStep[]];
}

/**
 * Finds chains of 3 x 3 convolutions of many channels, as VGG has them. A single convolution is not rewritten: to
 * transpose its map before and after it takes as long as a Winograd convolution saves.
 * @param graph its constants are float32 tensors with `rawData`, and no inputs
 * @returns none if a node has a subgraph, which may use any value
 */
export function findChains(graph: OnnxGraph): ConvolutionChain[] {
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const stepOf = (node: OnnxNode): ChainStep | undefined => readStep(node, constants);
  const last = graph.node.findLastIndex((node) => stepOf(node)?.kind === 'convolution');
  if (last < 0 || graph.node.some((node) => subgraphs(node).length > 0)) return [];
  const shapes = shapesOf({ ...graph, node: graph.node.slice(0, last + 1) }, constants);
  const consumers = consumersOf(graph);
  const chains: ConvolutionChain[] = [];
  const taken = new Set<OnnxNode>();
  let bytes = 0;
  for (const node of graph.node) {
    const first = stepOf(node);
    const size = sizeOf(shapes.get(node.input[0] ?? ''));
    if (first?.kind !== 'convolution' || size === undefined || taken.has(node)) continue;
    const steps: [ChainStep, ...ChainStep[]] = [first];
    for (let next = onlyConsumer(node, consumers); next !== undefined; next = onlyConsumer(next, consumers)) {
      const step = stepOf(next);
      if (step === undefined) break;
      steps.push(step);
    }
    for (const step of steps) taken.add(step.node);
    const added = bytesOf(steps);
    const convolutions = steps.filter(({ kind }) => kind === 'convolution').length;
    if (convolutions < FEWEST_CONVOLUTIONS || bytes + added > MOST_BYTES || !suits(size, first)) continue;
    bytes += added;
    chains.push({ size, steps });
  }
  return chains;
}

/** Whether tiles of 4 x 4 suit a map: one position wastes all others of its tile, and a huge map takes too much memory. */
function suits({ height, width, channels }: MapSize, { outputs }: { readonly outputs: number }): boolean {
  const positions = height * width;
  return positions > 1 && Float32Array.BYTES_PER_ELEMENT * positions * Math.max(channels, outputs) <= MOST_MAP_BYTES;
}

function readStep(node: OnnxNode, constants: ReadonlyMap<string, OnnxTensor>): ChainStep | undefined {
  const reader = new NodeReader(node, constants);
  if (node.opType === 'Relu') return { kind: 'relu', node };
  if (node.opType === 'MaxPool') return halvesMap(reader) ? { kind: 'pool', node } : undefined;
  const kernels = node.opType === 'Conv' ? constants.get(reader.input(1)) : undefined;
  if (kernels === undefined || kernels.dataType !== elementType.float32 || kernels.rawData === undefined) return undefined;
  const [outputs = 0, inputs = 0, ...window] = kernels.dims;
  const isLarge = inputs >= FEWEST_INPUTS && outputs >= FEWEST_OUTPUTS;
  const isWritable = `${window}` === '3,3' && keepsSize(reader) && (reader.input(2) === '' || constants.has(reader.input(2)));
  return isLarge && isWritable ? { kind: 'convolution', node, kernels, outputs } : undefined;
}

/** Whether a 3 x 3 convolution has an output for each position of its input, from all channels. */
function keepsSize(node: NodeReader): boolean {
  const isPlain = node.int('group', 1) === 1 && node.text('auto_pad', 'NOTSET') === 'NOTSET';
  return isPlain && `${node.ints('pads', [])}` === '1,1,1,1' && hasStride(node, 1);
}

/** Whether a pool takes the maximum of squares of 2 x 2, and drops an odd last row and column. */
function halvesMap(node: NodeReader): boolean {
  const isPlain = node.node.output.length === 1 && node.int('ceil_mode', 0) === 0;
  const isUnpadded =
    ['NOTSET', 'VALID'].includes(node.text('auto_pad', 'NOTSET')) && node.ints('pads', []).every((pad) => pad === 0);
  return isPlain && isUnpadded && `${node.ints('kernel_shape', [])}` === '2,2' && hasStride(node, 2);
}

/** Whether a window moves by this many positions along both axes, and has no dilation. */
function hasStride(node: NodeReader, stride: number): boolean {
  const isMoved = node.ints('strides', [1, 1]).every((each) => each === stride);
  return isMoved && node.ints('dilations', [1, 1]).every((each) => each === 1);
}

/** Bytes of the transformed kernels. */
function bytesOf(steps: readonly ChainStep[]): number {
  return sumOf(steps, (step) => {
    if (step.kind !== 'convolution') return 0;
    return Float32Array.BYTES_PER_ELEMENT * POSITIONS * product(step.kernels.dims.slice(0, 2));
  });
}

function consumersOf({ node: nodes, output }: OnnxGraph): Map<string, readonly (OnnxNode | 'output')[]> {
  const consumers = new Map<string, (OnnxNode | 'output')[]>();
  const add = (name: string, consumer: OnnxNode | 'output') => consumers.set(name, [...(consumers.get(name) ?? []), consumer]);
  for (const node of nodes) for (const name of node.input) add(name, node);
  for (const { name } of output) add(name, 'output');
  return consumers;
}

function onlyConsumer(
  { output: [name = ''] }: OnnxNode,
  consumers: ReadonlyMap<string, readonly (OnnxNode | 'output')[]>,
): OnnxNode | undefined {
  const [consumer, ...more] = consumers.get(name) ?? [];
  return consumer === 'output' || more.length > 0 ? undefined : consumer;
}

/** The shapes of all values; none if the graph of a user's own model has an operator whose shape is not known. */
function shapesOf(graph: OnnxGraph, constants: ReadonlyMap<string, OnnxTensor>): ReadonlyMap<string, Dims> {
  const inputs = graph.input.map((input) => [input.name, declaredSizes(input)] as const);
  try {
    return inferShapes(graph.node, constants, new Map(inputs));
  } catch (error) {
    if (error instanceof GraftError) return new Map();
    throw error;
  }
}

/** @param dims [N, channels, height, width] */
function sizeOf(dims: Dims = []): MapSize | undefined {
  const [, channels, height, width, ...more] = dims;
  const isKnown = typeof channels === 'number' && typeof height === 'number' && typeof width === 'number';
  return isKnown && more.length === 0 ? { height, width, channels } : undefined;
}
