import type { AttributeValue } from '../../onnx/attribute.ts';
import { writeAttribute } from '../../onnx/attribute.ts';
import type { GraphBuilder } from '../../onnx/graph-builder.ts';
import type { OnnxNode } from '../../onnx/onnx-model.ts';
import { intOf, intsOf } from '../../onnx/read-attribute.ts';
import { ownEntry } from '../../own-entry.ts';

/** What is known of a graph around a node. */
export interface NodeContext {
  /** The opset that the node was written for. */
  readonly opset: number;
  /** Takes new constants, and gives names. */
  readonly graph: GraphBuilder;
  /** Sizes of a value; null stands for the batch. Undefined if they are not known. */
  readonly dims: (name: string) => readonly (number | null)[] | undefined;
  /** The elements of an integer constant. */
  readonly integers: (name: string) => readonly number[] | undefined;
}

/** Operators that take their axes as an input, and the opset from which they do. */
const axesAsInput: Readonly<Record<string, number>> = {
  ReduceSum: 13,
  Squeeze: 13,
  Unsqueeze: 13,
  ...Object.fromEntries(
    ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'SumSquare'].map((name) => [`Reduce${name}`, 18]),
  ),
};

/**
 * Rewrites a node for opset 20, in operators that have a gradient where that is simple: a Split or a Gather of one
 * position as slices, a Dropout as the identity that it is at inference.
 * @returns nodes that compute the same outputs; the node itself if nothing has to change, also where it is not known how
 */
export function toOpset20(node: OnnxNode, context: NodeContext): OnnxNode[] {
  const since = ownEntry(axesAsInput, node.opType);
  if (since !== undefined) return [context.opset < since ? withAxesInput(node, context) : node];
  return ownEntry(rewrites, node.opType)?.(node, context) ?? [node];
}

type Rewrite = (node: OnnxNode, context: NodeContext) => OnnxNode[] | undefined;

const rewrites: Readonly<Record<string, Rewrite>> = {
  Softmax: softmax,
  LogSoftmax: softmax,
  Dropout: (node) =>
    isOnlyOutput(node) ? [{ ...node, opType: 'Identity', input: node.input.slice(0, 1), attribute: [] }] : undefined,
  Split: split,
  Gather: gather,
  Pad: pad,
  Conv: explicitPads,
  AveragePool: explicitPads,
  MaxPool: explicitPads,
};

function withAxesInput(node: OnnxNode, { graph }: NodeContext): OnnxNode {
  const axes = intsOf(node, 'axes');
  if (axes === undefined) return node;
  return { ...without(node, 'axes'), input: [node.input[0] ?? '', graph.integers(axes)] };
}

/** Before opset 13, a softmax is over all axes from its axis on: the same where only the axis itself is longer than 1. */
function softmax(node: OnnxNode, { opset, dims }: NodeContext): OnnxNode[] | undefined {
  if (opset >= 13) return undefined;
  const sizes = dims(node.input[0] ?? '');
  const axis = intOf(node, 'axis') ?? 1;
  const from = axis < 0 && sizes ? axis + sizes.length : axis;
  const isOne = axis === -1 || sizes?.slice(from + 1).every((size) => size === 1);
  return isOne ? [set(without(node, 'axis'), { axis })] : undefined;
}

/** Slices along the axis. */
function split(node: OnnxNode, { opset, graph, dims, integers }: NodeContext): OnnxNode[] | undefined {
  const [x = '', sizesInput = ''] = node.input;
  const axis = intOf(node, 'axis') ?? 0;
  const total = dims(x)?.at(axis);
  const even = Math.ceil((total ?? 0) / node.output.length);
  const sizes = opset < 13 ? intsOf(node, 'split') : integers(sizesInput);
  if (sizes === undefined && (typeof total !== 'number' || sizesInput !== '')) return undefined;
  let start = 0;
  return node.output.flatMap((output, i) => {
    const [from, to] = [start, start + (sizes?.[i] ?? even)];
    start = to;
    return output === '' ? [] : [slice(graph, x, [from, to], axis, output)];
  });
}

/** One position along an axis: a slice, without the axis if the position is a scalar. */
function gather(node: OnnxNode, { graph, dims, integers }: NodeContext): OnnxNode[] | undefined {
  const [x = '', indices = ''] = node.input;
  const [index, ...more] = integers(indices) ?? [];
  const rank = dims(indices)?.length;
  if (index === undefined || more.length > 0 || rank === undefined || rank > 1) return undefined;
  const axis = intOf(node, 'axis') ?? 0;
  const [output = ''] = node.output;
  const range = [index, index === -1 ? 2 ** 31 - 1 : index + 1] as const;
  if (rank === 1) return [slice(graph, x, range, axis, output)];
  const sliced = graph.unique(`${output}/slice`);
  return [slice(graph, x, range, axis, sliced), made('Squeeze', [sliced, graph.integers([axis])], output)];
}

/** Names all axes, which keeps ONNX Runtime from fusing the Pad into a pool that pads otherwise. */
function pad(node: OnnxNode, { graph, integers }: NodeContext): OnnxNode[] | undefined {
  const [x = '', pads = '', value = '', axes = ''] = node.input;
  const sizes = integers(pads);
  if (axes !== '' || sizes === undefined) return undefined;
  const all = Array.from({ length: sizes.length / 2 }, (_, axis) => axis);
  return [{ ...node, input: [x, pads, value, graph.integers(all)] }];
}

/** Writes out the pads of `auto_pad`. */
function explicitPads(node: OnnxNode, { dims }: NodeContext): OnnxNode[] | undefined {
  const mode = new TextDecoder().decode(node.attribute.find(({ name }) => name === 'auto_pad')?.s);
  if (!mode.startsWith('SAME')) return undefined;
  const sizes = dims(node.input[0] ?? '')?.slice(2);
  const kernel = intsOf(node, 'kernel_shape') ?? dims(node.input[1] ?? '')?.slice(2);
  if (sizes === undefined || kernel === undefined) return undefined;
  const added = sizes.map((size, axis) => {
    const stride = intsOf(node, 'strides')?.[axis] ?? 1;
    const reach = (intsOf(node, 'dilations')?.[axis] ?? 1) * ((kernel[axis] ?? 1) - 1) + 1;
    return size === null ? Number.NaN : Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
  });
  if (added.some(Number.isNaN)) return undefined;
  const less = added.map((both) => Math.floor(both / 2));
  const more = added.map((both) => Math.ceil(both / 2));
  const pads = mode.endsWith('LOWER') ? [...more, ...less] : [...less, ...more];
  return [set(without(without(node, 'auto_pad'), 'pads'), { pads })];
}

function slice(graph: GraphBuilder, x: string, range: readonly [number, number], axis: number, output: string): OnnxNode {
  return made('Slice', [x, ...[...range, axis].map((value) => graph.integers([value]))], output);
}

function made(opType: string, input: readonly string[], output: string): OnnxNode {
  return { name: output, opType, input, output: [output], attribute: [] };
}

function isOnlyOutput({ output: [, ...more] }: OnnxNode): boolean {
  return more.every((name) => name === '');
}

function without(node: OnnxNode, key: string): OnnxNode {
  return { ...node, attribute: node.attribute.filter(({ name }) => name !== key) };
}

function set(node: OnnxNode, attributes: Readonly<Record<string, AttributeValue>>): OnnxNode {
  const added = Object.entries(attributes).map(([key, value]) => writeAttribute(key, value));
  return { ...node, attribute: [...node.attribute, ...added] };
}
