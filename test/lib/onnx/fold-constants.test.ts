import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { Normalization } from '../../../lib/backbones/layers/normalization.ts';
import { Rescaling } from '../../../lib/backbones/layers/rescaling.ts';
import { exportOnnx } from '../../../lib/onnx/export-onnx.ts';
import { foldConstants } from '../../../lib/onnx/fold-constants.ts';
import { lazyFloats } from '../../../lib/onnx/lazy-floats.ts';
import type { OnnxNode } from '../../../lib/onnx/onnx-model.ts';
import { decodeModel } from '../../../lib/onnx/protobuf.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';
import { apply, expectSame, modelOf } from './same-as-tensorflow.ts';

const { layers } = tfl;
const asIs = { channels: 'rgb', scale: [1, 1, 1], offset: [0, 0, 0] } as const;

useTensorFlow();

type Network = (x: tfl.SymbolicTensor) => tfl.SymbolicTensor;
const conv = (args = {}) => layers.conv2d({ filters: 4, kernelSize: 3, useBias: false, ...args });
const through =
  (...stack: (() => tfl.layers.Layer)[]): Network =>
  (x) =>
    stack.reduce((value, layer) => apply(layer(), value), x);

const cases: { what: string; network: Network; operators: string[] }[] = [
  {
    what: 'a normalization into its convolution',
    network: through(conv, () => layers.batchNormalization({})),
    operators: ['Conv'],
  },
  {
    what: 'a normalization into a convolution with a bias',
    network: through(
      () => conv({ useBias: true }),
      () => layers.batchNormalization({}),
    ),
    operators: ['Conv'],
  },
  {
    what: 'a normalization into a depthwise convolution, and a factor after it',
    network: through(
      () => layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, useBias: false }),
      () => layers.batchNormalization({}),
      () => new Rescaling({ scale: 3, offset: -1 }),
    ),
    operators: ['Conv'],
  },
  {
    what: "a network's scaling of its pixels into one factor and one term",
    network: through(
      () => new Rescaling({ scale: 1 / 255 }),
      () => new Normalization({ mean: [0.4, 0.5, 0.6], variance: [0.1, 0.2, 0.3] }),
      () => new Rescaling({ scale: [1, 2, 3] }),
    ),
    operators: ['Mul', 'Add'],
  },
  {
    what: 'no normalization with an activation before it',
    network: through(
      () => conv({ activation: 'relu' }),
      () => layers.batchNormalization({}),
    ),
    operators: ['Conv', 'Relu', 'BatchNormalization'],
  },
  {
    what: 'no normalization into a convolution that something else takes too',
    network: (x) => {
      const shared = apply(conv(), x);
      return apply(layers.add(), [shared, apply(layers.batchNormalization({}), shared)]);
    },
    operators: ['Conv', 'BatchNormalization', 'Add'],
  },
  {
    what: 'no normalization into a convolution that is called twice',
    network: (x) => {
      const twice = conv({ filters: 3, padding: 'same' });
      return apply(twice, apply(layers.batchNormalization({}), apply(twice, x)));
    },
    operators: ['Conv', 'BatchNormalization', 'Conv'],
  },
];

it('folds no factor of each channel into a convolution with one filter, which it makes several channels of', () => {
  const constants = [
    lazyFloats('kernel', [1, 1, 3, 3], () => new Float32Array(9).fill(1)),
    lazyFloats('factors', [3, 1, 1], () => Float32Array.of(1, 2, 3)),
  ];
  const node = (opType: string, input: string[], output: string): OnnxNode => ({
    opType,
    input,
    output: [output],
    attribute: [],
  });
  const nodes = [node('Conv', ['x', 'kernel'], 'map'), node('Mul', ['map', 'factors'], 'maps')];
  const known = { constants: new Map(constants.map((constant) => [constant.name, constant])), exact: new Map() };
  expect(foldConstants(nodes, known, ['maps']).nodes).toEqual(nodes);
});

describe.each(cases)('the export folds $what', ({ network, operators }) => {
  it('and computes the same', () => expectSame(modelOf([7, 8, 3], network)));

  it('and has no node more', () => {
    const { graph } = decodeModel(exportOnnx(modelOf([7, 8, 3], network), { preprocessing: asIs }));
    const computing = graph.node.map(({ opType }) => opType).filter((opType) => opType !== 'Transpose');
    expect(computing).toEqual(operators);
    const used = new Set(graph.node.flatMap(({ input }) => input));
    expect(graph.initializer.filter(({ name }) => !used.has(name))).toEqual([]);
  });
});
