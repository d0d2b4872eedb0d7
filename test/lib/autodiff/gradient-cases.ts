import { float } from '../../../lib/onnx/attribute.ts';
import type { GraphBuilder } from '../../../lib/onnx/graph-builder.ts';
import { elementType } from '../../../lib/onnx/onnx-model.ts';
import type { Checked } from './check-gradients.ts';

export type Case = Checked & { readonly title: string };

const map = [2, 2, 4, 3];

/** A function of one value, at values on both sides of 0. */
function unary(title: string, operator: string, attributes = {}, range: [number, number] = [-2, 2]): Case {
  return { title, inputs: { x: [2, 8] }, output: [2, 8], range, build: (graph, x) => graph.add(operator, [x], attributes) };
}

function binary(operator: string, x: number[], other: number[], output: number[], range?: [number, number]): Case {
  const build: Case['build'] = (graph, a, b) => graph.add(operator, [a!, b!]);
  return { title: `${operator} of [${x}] and [${other}]`, inputs: { x, other }, output, build, ...(range && { range }) };
}

function pool(operator: string, kernel: number[], strides: number[], pads: number[], output: number[], more = {}): Case {
  return {
    title: `${operator} ${kernel} by ${strides} in ${pads} ${JSON.stringify(more)}`,
    inputs: { x: [2, 2, 5, 4] },
    output: [2, 2, ...output],
    build: (graph, x) => graph.add(operator, [x!], { kernel_shape: kernel, strides, pads, ...more }),
  };
}

function reduction(operator: string, axes: number[], keepdims: number, output: number[]): Case {
  return {
    title: `${operator} over ${axes}, keepdims ${keepdims}`,
    inputs: { x: map },
    output,
    build: (graph, x) => graph.add(operator, [x!, graph.integers(axes)], { keepdims }),
  };
}

/** A constant of one int32. @returns its name */
function int32(graph: GraphBuilder, name: string, value: number): string {
  const rawData = new Uint8Array(Int32Array.of(value).buffer);
  graph.include({ node: [], initializer: [{ name, dims: [1], dataType: elementType.int32, rawData }] });
  return name;
}

/** One or more functions for each rule but that of Conv. */
export const gradientCases: readonly Case[] = [
  unary('Abs', 'Abs'),
  {
    ...unary('Clip between limits', 'Clip', {}, [-3, 3]),
    build: (graph, x) => graph.add('Clip', [x!, graph.floats([-1.5]), graph.floats([1.5])]),
  },
  unary('Clip without limits', 'Clip'),
  { ...unary('Clip from below', 'Clip'), build: (graph, x) => graph.add('Clip', [x!, graph.floats([0])]) },
  unary('Elu', 'Elu', { alpha: float(0.7) }),
  unary('Erf', 'Erf'),
  unary('Exp', 'Exp'),
  unary('Gelu', 'Gelu'),
  unary('Gelu by tanh', 'Gelu', { approximate: 'tanh' }),
  unary('HardSigmoid', 'HardSigmoid', { alpha: float(0.2), beta: float(0.5) }, [-4, 4]),
  unary('HardSwish', 'HardSwish', {}, [-5, 5]),
  unary('Identity', 'Identity'),
  unary('LeakyRelu', 'LeakyRelu', { alpha: float(0.3) }),
  unary('Log', 'Log', {}, [0.5, 2]),
  unary('LogSoftmax', 'LogSoftmax', { axis: -1 }),
  unary('Mish', 'Mish'),
  unary('Neg', 'Neg'),
  unary('Reciprocal', 'Reciprocal', {}, [0.5, 2]),
  unary('Relu', 'Relu'),
  unary('Selu', 'Selu'),
  unary('Sigmoid', 'Sigmoid'),
  unary('Softmax', 'Softmax', { axis: -1 }),
  unary('Softplus', 'Softplus'),
  unary('Softsign', 'Softsign'),
  unary('Sqrt', 'Sqrt', {}, [0.5, 2]),
  unary('Tanh', 'Tanh'),
  { ...unary('Pow', 'Pow', {}, [0.5, 2]), build: (graph, x) => graph.add('Pow', [x!, graph.floats([2.5])]) },
  { ...unary('swish', 'Mul'), build: (graph, x) => graph.add('Mul', [x!, graph.add('Sigmoid', [x!])]) },
  {
    title: 'Softmax over channels of a map',
    inputs: { x: map },
    output: map,
    build: (graph, x) => graph.add('Softmax', [x!], { axis: 1 }),
  },
  binary('Add', map, [2, 1, 1], map),
  binary('Add', [2, 3], [], [2, 3]),
  binary('Mul', [2, 3], [], [2, 3]),
  binary('Add', [2, 1, 1, 3], [2, 4, 1], [2, 2, 4, 3]),
  binary('Sub', [2, 3], [3], [2, 3]),
  binary('Mul', map, [2, 2, 1, 1], map),
  binary('Mul', map, map, map),
  binary('Div', [2, 4], [1, 4], [2, 4], [0.5, 2]),
  binary('Max', [2, 8], [8], [2, 8]),
  binary('Min', [2, 8], [8], [2, 8]),
  binary('MatMul', [2, 3], [3, 4], [2, 4]),
  binary('MatMul', [2, 2, 5, 3], [3, 4], [2, 2, 5, 4]),
  binary('MatMul', [2, 2, 5, 3], [2, 3, 4], [2, 2, 5, 4]),
  binary('MatMul', [2, 1, 5, 3], [2, 4, 3, 2], [2, 4, 5, 2]),
  ...[0, 1].map(
    (transB): Case => ({
      title: `Gemm, transB ${transB}`,
      inputs: { x: [2, 3], b: transB ? [4, 3] : [3, 4], c: [4] },
      output: [2, 4],
      build: (graph, ...inputs) => graph.add('Gemm', inputs, { transB }),
    }),
  ),
  {
    title: 'Gemm of transposed A with factors',
    inputs: { a: [3, 2], b: [4, 3], c: [2, 1] },
    output: [2, 4],
    build: (graph, ...inputs) => graph.add('Gemm', inputs, { transA: 1, transB: 1, alpha: float(0.5), beta: float(2) }),
  },
  pool('MaxPool', [2, 2], [2, 2], [0, 0, 0, 0], [2, 2]),
  pool('MaxPool', [3, 3], [2, 2], [1, 1, 1, 1], [3, 2]),
  pool('MaxPool', [3, 2], [1, 1], [0, 0, 0, 0], [3, 3]),
  pool('AveragePool', [2, 2], [2, 2], [0, 0, 0, 0], [2, 2]),
  pool('AveragePool', [3, 3], [1, 1], [1, 1, 1, 1], [5, 4]),
  pool('AveragePool', [3, 3], [2, 2], [1, 0, 1, 1], [3, 2]),
  pool('AveragePool', [3, 3], [2, 2], [1, 1, 1, 1], [3, 2], { count_include_pad: 1 }),
  {
    title: 'GlobalAveragePool',
    inputs: { x: map },
    output: [2, 2, 1, 1],
    build: (graph, x) => graph.add('GlobalAveragePool', [x!]),
  },
  { title: 'GlobalMaxPool', inputs: { x: map }, output: [2, 2, 1, 1], build: (graph, x) => graph.add('GlobalMaxPool', [x!]) },
  reduction('ReduceMean', [1, 2], 1, [2, 1, 1, 3]),
  reduction('ReduceMean', [0, 2, 3], 0, [2]),
  {
    title: 'ReduceMean over no axes',
    inputs: { x: map },
    output: map,
    build: (graph, x) => graph.add('ReduceMean', [x!, graph.integers([])], { noop_with_empty_axes: 1 }),
  },
  reduction('ReduceSum', [0, -1], 1, [1, 2, 4, 1]),
  reduction('ReduceSum', [1], 0, [2, 4, 3]),
  reduction('ReduceSumSquare', [-1], 1, [2, 2, 4, 1]),
  {
    title: 'BatchNormalization of a map with constant statistics',
    inputs: { x: map, gamma: [2], beta: [2], mean: [2], variance: [2] },
    constant: ['mean', 'variance'],
    range: [0.5, 2],
    output: map,
    build: (graph, ...inputs) => graph.add('BatchNormalization', inputs, { epsilon: float(0.01) }),
  },
  {
    title: 'BatchNormalization of vectors with constant statistics',
    inputs: { x: [3, 4], gamma: [4], beta: [4], mean: [4], variance: [4] },
    constant: ['mean', 'variance'],
    range: [0.5, 2],
    output: [3, 4],
    build: (graph, ...inputs) => graph.add('BatchNormalization', inputs, { epsilon: float(0.01) }),
  },
  {
    title: 'LayerNormalization over the last axis',
    inputs: { x: [2, 2, 2, 5], gamma: [5], beta: [5] },
    output: [2, 2, 2, 5],
    build: (graph, ...inputs) => graph.add('LayerNormalization', inputs, { axis: -1, epsilon: float(0.01) }),
  },
  {
    title: 'LayerNormalization over two axes, without an offset',
    inputs: { x: [2, 3, 4], gamma: [3, 4] },
    output: [2, 3, 4],
    build: (graph, ...inputs) => graph.add('LayerNormalization', inputs, { axis: 1, epsilon: float(0.01) }),
  },
  {
    title: 'Concat',
    inputs: { x: [2, 2, 3], x2: [2, 1, 3], x3: [2, 3, 3] },
    constant: ['x2'],
    output: [2, 6, 3],
    build: (graph, ...inputs) => graph.add('Concat', inputs, { axis: -2 }),
  },
  {
    title: 'Pad',
    inputs: { x: [2, 2, 3, 3] },
    output: [2, 2, 4, 6],
    build: (graph, x) => graph.add('Pad', [x!, graph.integers([0, 0, 1, 1, 0, 0, 0, 2])]),
  },
  {
    title: 'Pad of some axes',
    inputs: { x: [2, 2, 3, 3] },
    output: [2, 3, 3, 6],
    build: (graph, x) => graph.add('Pad', [x!, graph.integers([2, 1, 1, 0]), '', graph.integers([-1, 1])]),
  },
  {
    title: 'Slice with int32 indices',
    inputs: { x: [2, 2, 5, 4] },
    output: [2, 2, 3, 4],
    build: (graph, x) => graph.add('Slice', [x!, int32(graph, 'start', 1), int32(graph, 'end', -1), int32(graph, 'axis', 2)]),
  },
  {
    title: 'Slice',
    inputs: { x: [2, 2, 5, 4] },
    output: [2, 2, 3, 2],
    build: (graph, x) => graph.add('Slice', [x!, graph.integers([1, -3]), graph.integers([-1, 3]), graph.integers([2, 3])]),
  },
  {
    title: 'Transpose',
    inputs: { x: [2, 3, 4, 2] },
    output: [2, 4, 2, 3],
    build: (graph, x) => graph.add('Transpose', [x!], { perm: [0, 2, 3, 1] }),
  },
  {
    title: 'Reshape',
    inputs: { x: [2, 3, 4] },
    output: [2, 2, 6],
    build: (graph, x) => graph.add('Reshape', [x!, graph.integers([0, 2, -1])]),
  },
  { title: 'Flatten', inputs: { x: map }, output: [2, 24], build: (graph, x) => graph.add('Flatten', [x!], { axis: 1 }) },
  {
    title: 'Unsqueeze and Squeeze',
    inputs: { x: [2, 3] },
    output: [2, 1, 3],
    build: (graph, x) => graph.add('Squeeze', [graph.add('Unsqueeze', [x!, graph.integers([1, 3])]), graph.integers([-1])]),
  },
  {
    title: 'a value that is used three times',
    inputs: { x: [2, 3] },
    output: [2, 3],
    build: (graph, x) => graph.add('Mul', [graph.add('Tanh', [x!]), graph.add('Add', [x!, x!])]),
  },
];
