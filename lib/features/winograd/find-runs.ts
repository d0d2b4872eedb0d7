import { type Dims, inferShapes } from '../../autodiff/infer-shapes.ts';
import { NodeReader } from '../../autodiff/node-reader.ts';
import { GraftError } from '../../errors.ts';
import { elementType, type OnnxGraph, type OnnxNode, type OnnxTensor } from '../../onnx/onnx-model.ts';
import { intOf, intsOf } from '../../onnx/read-attribute.ts';

/**
 * Channels from which a convolution of Winograd's form is faster: with fewer, moving the maps takes longer than the
 * multiplications that it saves (measured on maps of 4 to 64 pixels a side, docs/performance.md).
 */
const FEWEST_INPUTS = 128;
const FEWEST_OUTPUTS = 256;

/** Height, width and channels of a map. */
export interface MapSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** One node of a run. */
export type Step =
  | { readonly kind: 'convolution'; readonly node: OnnxNode; readonly kernels: OnnxTensor; readonly outputs: number }
  | { readonly kind: 'relu' | 'pool'; readonly node: OnnxNode };

/** Nodes that follow each other, without another consumer between them. */
export interface Run {
  /** The size of the map that the first node takes. */
  readonly size: MapSize;
  /** Two convolutions or more, and the activations and pools after each. */
  readonly steps: readonly [Step, ...Step[]];
}

/**
 * Finds runs of 3 x 3 convolutions of many channels, as VGG has them. A single convolution is none: its map would have
 * to be turned before and after it, which takes as long as Winograd's form saves.
 */
export function findRuns(graph: OnnxGraph): Run[] {
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const stepOf = (node: OnnxNode): Step | undefined => readStep(node, constants);
  const last = graph.node.findLastIndex((node) => stepOf(node)?.kind === 'convolution');
  if (last < 0) return [];
  const shapes = shapesOf({ ...graph, node: graph.node.slice(0, last + 1) }, constants);
  const consumers = consumersOf(graph);
  const runs: Run[] = [];
  const taken = new Set<OnnxNode>();
  for (const node of graph.node) {
    const first = stepOf(node);
    const size = sizeOf(shapes.get(node.input[0] ?? ''));
    if (first?.kind !== 'convolution' || size === undefined || taken.has(node)) continue;
    const steps: [Step, ...Step[]] = [first];
    for (let next = onlyConsumer(node, consumers); next !== undefined; next = onlyConsumer(next, consumers)) {
      const step = stepOf(next);
      if (step === undefined) break;
      steps.push(step);
    }
    if (steps.filter(({ kind }) => kind === 'convolution').length < 2) continue;
    for (const step of steps) taken.add(step.node);
    runs.push({ size, steps });
  }
  return runs;
}

function readStep(node: OnnxNode, constants: ReadonlyMap<string, OnnxTensor>): Step | undefined {
  if (node.opType === 'Relu') return { kind: 'relu', node };
  if (node.opType === 'MaxPool') return halvesMap(node) ? { kind: 'pool', node } : undefined;
  const kernels = node.opType === 'Conv' ? constants.get(node.input[1] ?? '') : undefined;
  const [outputs = 0, inputs = 0, ...window] = kernels?.dims ?? [];
  if (kernels === undefined || kernels.dataType !== elementType.float32 || kernels.rawData === undefined) return undefined;
  const isLarge = inputs >= FEWEST_INPUTS && outputs >= FEWEST_OUTPUTS;
  const [, , bias = ''] = node.input;
  const isWritable = `${window}` === '3,3' && keepsSize(node, constants) && (bias === '' || constants.has(bias));
  return isLarge && isWritable ? { kind: 'convolution', node, kernels, outputs } : undefined;
}

/** Whether a 3 x 3 convolution has an output for each position of its input, from all channels. */
function keepsSize(node: OnnxNode, constants: ReadonlyMap<string, OnnxTensor>): boolean {
  const reader = new NodeReader(node, constants);
  const isPlain = reader.int('group', 1) === 1 && reader.text('auto_pad', 'NOTSET') === 'NOTSET';
  return isPlain && `${reader.ints('pads', [])}` === '1,1,1,1' && moves(node, 1);
}

/** Whether a pool takes the maximum of squares of 2 x 2, and drops what is left at the end. */
function halvesMap(node: OnnxNode): boolean {
  const isPlain = node.output.length === 1 && (intOf(node, 'ceil_mode') ?? 0) === 0;
  const pads = intsOf(node, 'pads') ?? [];
  return isPlain && `${intsOf(node, 'kernel_shape')}` === '2,2' && pads.every((pad) => pad === 0) && moves(node, 2);
}

/** Whether a window moves by this many positions along both axes, and has no gaps. */
function moves(node: OnnxNode, stride: number): boolean {
  const strides = intsOf(node, 'strides') ?? [1, 1];
  const dilations = intsOf(node, 'dilations') ?? [1, 1];
  return strides.every((each) => each === stride) && dilations.every((each) => each === 1);
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
  const inputs = graph.input.map(({ name, type }) => {
    const dims = type?.tensorType?.shape?.dim ?? [];
    return [name, dims.map(({ dimValue }) => dimValue || null)] as const;
  });
  try {
    return inferShapes(graph.node, constants, new Map(inputs));
  } catch (error) {
    if (error instanceof GraftError) return new Map();
    throw error;
  }
}

/** @param dims [N, channels, height, width] */
function sizeOf(dims: Dims = []): MapSize | undefined {
  const [, channels, height, width] = dims;
  const isKnown = typeof channels === 'number' && typeof height === 'number' && typeof width === 'number';
  return isKnown ? { height, width, channels } : undefined;
}
