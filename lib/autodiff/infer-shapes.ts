import { product } from '../arithmetic.ts';
import type { OnnxNode, OnnxTensor } from '../onnx/onnx-model.ts';
import { ownEntry } from '../own-entry.ts';
import { permutation, positiveAxis, readPads, readWindow, reducedAxes, sliceRange } from './node-axes.ts';
import { NodeReader } from './node-reader.ts';

/** Sizes of a value. Null stands for a size that is known only at run time, such as the batch. */
export type Dims = readonly (number | null)[];

/** Sizes by the name of the value. */
export type Shapes = ReadonlyMap<string, Dims>;

type Infer = (node: NodeReader, dims: (i: number) => Dims) => Dims;

/**
 * Computes the shape of the first output of each node.
 * @param nodes in topological order
 * @param inputs shapes of the graph's inputs
 * @returns the shapes of inputs, constants and outputs
 * @throws GraftError ONNX_GRADIENT_UNSUPPORTED for an operator that is not known
 */
export function inferShapes(
  nodes: readonly OnnxNode[],
  constants: ReadonlyMap<string, OnnxTensor>,
  inputs: Shapes,
): Map<string, Dims> {
  const shapes = new Map<string, Dims>(inputs);
  for (const { name, dims } of constants.values()) shapes.set(name, dims);
  for (const node of nodes) {
    const reader = new NodeReader(node, constants);
    const infer = elementwise.has(node.opType) ? broadcastInputs : ownEntry(inference, node.opType);
    if (infer === undefined) throw reader.unsupported({ expected: 'an operator with a gradient', received: node.opType });
    shapes.set(
      reader.output,
      infer(reader, (i) => shapes.get(reader.input(i)) ?? []),
    );
  }
  return shapes;
}

/** Operators whose output has the broadcast shape of all inputs. */
const elementwise = new Set(['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Pow', 'GreaterOrEqual']);

function broadcastInputs({ node }: NodeReader, dims: (i: number) => Dims): Dims {
  return node.input.map((_, i) => dims(i)).reduce(broadcast);
}

/** Returns the shape of an elementwise operation of two values. */
export function broadcast(a: Dims, b: Dims): Dims {
  const rank = Math.max(a.length, b.length);
  const at = (dims: Dims, axis: number): number | null =>
    dims[axis - rank + dims.length] ?? (axis < rank - dims.length ? 1 : null);
  return Array.from({ length: rank }, (_, axis) => (at(a, axis) === 1 ? at(b, axis) : at(a, axis)));
}

/** The axes of Squeeze and Unsqueeze: an input, or an attribute before opset 13. */
const listedAxes = (node: NodeReader): readonly number[] => node.integers(1) ?? node.ints('axes', []);

const same: Infer = (_, dims) => dims(0);

const inference: Readonly<Record<string, Infer>> = {
  ...Object.fromEntries(
    [
      ...['Abs', 'BatchNormalization', 'Cast', 'Clip', 'Elu', 'Erf', 'Exp', 'Gelu', 'HardSigmoid', 'HardSwish', 'Identity'],
      ...['LayerNormalization', 'LeakyRelu', 'Log', 'LogSoftmax', 'Mish', 'Neg', 'Reciprocal', 'Relu', 'Selu', 'Sigmoid'],
      ...['Sign', 'Softmax', 'Softplus', 'Softsign', 'Sqrt', 'Tanh'],
      // Without a gradient: what depends on int8 values may still be differentiated.
      ...['DequantizeLinear', 'QuantizeLinear'],
    ].map((opType) => [opType, same]),
  ),
  AveragePool: (node, dims) => [...dims(0).slice(0, 2), ...windowSizes(node, dims(0), node.ints('kernel_shape', []))],
  Concat: (node, dims) => {
    const axis = positiveAxis(node.int('axis', 0), dims(0).length);
    const sizes = node.node.input.map((_, i) => dims(i)[axis] ?? null);
    const total = sizes.reduce<number | null>((sum, size) => (sum === null || size === null ? null : sum + size), 0);
    return dims(0).map((size, each) => (each === axis ? total : size));
  },
  Conv: (node, dims) => [
    dims(0)[0] ?? null,
    dims(1)[0] ?? null,
    ...windowSizes(
      node,
      dims(0),
      dims(1)
        .slice(2)
        .map((size) => size ?? 1),
    ),
  ],
  Flatten: (node, dims) => {
    const axis = positiveAxis(node.int('axis', 1), dims(0).length);
    return [sizeOf(dims(0).slice(0, axis)), sizeOf(dims(0).slice(axis))];
  },
  Gather: (node, dims) => {
    const axis = positiveAxis(node.int('axis', 0), dims(0).length);
    return [...dims(0).slice(0, axis), ...dims(1), ...dims(0).slice(axis + 1)];
  },
  Gemm: (node, dims) => [
    dims(0)[node.int('transA', 0) === 0 ? 0 : 1] ?? null,
    dims(1)[node.int('transB', 0) === 0 ? 1 : 0] ?? null,
  ],
  GlobalAveragePool: (_, dims) => [
    ...dims(0).slice(0, 2),
    ...dims(0)
      .slice(2)
      .map(() => 1),
  ],
  GlobalMaxPool: (_, dims) => [
    ...dims(0).slice(0, 2),
    ...dims(0)
      .slice(2)
      .map(() => 1),
  ],
  MatMul: (_, dims) => [...broadcast(dims(0).slice(0, -2), dims(1).slice(0, -2)), dims(0).at(-2) ?? null, dims(1).at(-1) ?? null],
  MaxPool: (node, dims) => [...dims(0).slice(0, 2), ...windowSizes(node, dims(0), node.ints('kernel_shape', []))],
  Pad: (node, dims) => {
    const rank = dims(0).length;
    const pads = readPads(node, rank);
    return dims(0).map((size, axis) => (size === null ? null : size + (pads[axis] ?? 0) + (pads[axis + rank] ?? 0)));
  },
  ReduceMean: reduced,
  ReduceSum: reduced,
  ReduceSumSquare: reduced,
  Reshape: (node, dims) => reshaped(dims(0), node.integers(1) ?? []),
  Slice: (node, dims) => {
    const axes = node.integers(3) ?? node.integers(1)?.map((_, axis) => axis) ?? [];
    return dims(0).map((size, axis) => {
      const position = axes.map((each) => positiveAxis(each, dims(0).length)).indexOf(axis);
      if (position < 0 || size === null) return size;
      const { start, end, step } = sliceRange(node, position, size);
      return Math.max(0, Math.ceil((end - start) / step));
    });
  },
  Squeeze: (node, dims) => {
    const axes = listedAxes(node).map((axis) => positiveAxis(axis, dims(0).length));
    return dims(0).filter((size, axis) => (axes.length === 0 ? size !== 1 : !axes.includes(axis)));
  },
  Transpose: (node, dims) => permutation(node, dims(0).length).map((axis) => dims(0)[axis] ?? null),
  Unsqueeze: (node, dims) => {
    const added = listedAxes(node);
    const rank = dims(0).length + added.length;
    const axes = added.map((axis) => positiveAxis(axis, rank));
    const rest = [...dims(0)];
    return Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (rest.shift() ?? null)));
  },
};

/** Sizes of a map after a convolution or pool. */
function windowSizes(node: NodeReader, input: Dims, kernel: readonly number[]): Dims {
  const { strides, dilations, pads } = readWindow(node, kernel.length);
  return kernel.map((size, axis) => {
    const length = input[axis + 2] ?? null;
    const reach = (size - 1) * (dilations[axis] ?? 1) + 1;
    const padded = (length ?? 0) + (pads[axis] ?? 0) + (pads[axis + kernel.length] ?? 0);
    return length === null ? null : Math.floor((padded - reach) / (strides[axis] ?? 1)) + 1;
  });
}

function reduced(node: NodeReader, dims: (i: number) => Dims): Dims {
  const axes = reducedAxes(node, dims(0).length);
  const keeps = node.int('keepdims', 1) !== 0;
  return dims(0).flatMap((size, axis) => (axes.includes(axis) ? (keeps ? [1] : []) : [size]));
}

function reshaped(from: Dims, wanted: readonly number[]): Dims {
  const sizes = wanted.map((size, axis) => (size === 0 ? (from[axis] ?? null) : size));
  const rest = wanted.indexOf(-1);
  if (rest < 0) return sizes;
  const others = sizes.filter((_, axis) => axis !== rest);
  // The batch cancels if both sides have it.
  const known = (dims: Dims): number => product(dims.map((size) => size ?? 1));
  const free = (dims: Dims): number => dims.filter((size) => size === null).length;
  return sizes.map((size, axis) => (axis !== rest ? size : free(from) === free(others) ? known(from) / known(others) : null));
}

/** The number of elements. @returns null if a size is not known */
export function sizeOf(dims: Dims): number | null {
  return dims.some((size) => size === null) ? null : product(dims.map((size) => size ?? 1));
}
