import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { Activation, HeadSpec } from '../../../lib/contracts/head-spec.ts';
import { TrainingSpec } from '../../../lib/contracts/training-spec.ts';
import { buildHead } from '../../../lib/heads/build-head.ts';
import { fit as fitModel } from '../../../lib/training/fit.ts';
import { categoricalCrossEntropy } from '../../../lib/training/losses/loss.ts';
import { blobs } from '../../support/blobs.ts';
import { networkOf, useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const build = (spec: unknown, shape: number[], seed = 0): tfl.LayersModel =>
  buildHead(HeadSpec.parse(spec), shape, { classes: 3, seed });
const weightsOf = (model: tfl.LayersModel): number[][] => model.getWeights().map((weight) => [...weight.dataSync()]);
const map = [4, 5, 6];

describe('buildHead', () => {
  const heads = [
    {
      spec: 'linear',
      shape: map,
      layers: ['head_global_average_pool_1', 'head_dropout_1', 'head_logits'],
      parameters: 6 * 3 + 3,
    },
    { spec: 'linear', shape: [6], layers: ['head_dropout_1', 'head_logits'], parameters: 6 * 3 + 3 },
    {
      spec: 'mlp',
      shape: map,
      layers: ['head_global_average_pool_1', 'head_dense_1', 'head_dropout_1', 'head_logits'],
      parameters: 7 * 256 + 257 * 3,
    },
    {
      spec: 'cosine',
      shape: map,
      layers: ['head_global_average_pool_1', 'head_dropout_1', 'head_logits'],
      parameters: 6 * 3 + 1,
    },
    {
      spec: [{ layer: 'output', useBias: false, l2: 0.1 }],
      shape: [6],
      layers: ['head_logits'],
      parameters: 6 * 3,
    },
    {
      spec: 'tutorial',
      shape: map,
      layers: ['head_flatten_1', 'head_dense_1', 'head_dropout_1', 'head_logits'],
      parameters: 121 * 1024 + 1025 * 3,
    },
    {
      spec: [
        { layer: 'batchNormalization' },
        { layer: 'activation', activation: 'relu' },
        { layer: 'globalMaxPool' },
        { layer: 'flatten' },
        { layer: 'dense', units: 8, useBias: false },
        { layer: 'batchNormalization' },
        { layer: 'dense', units: 4 },
      ],
      shape: map,
      layers: [
        'head_batch_normalization_1',
        'head_activation_1',
        'head_global_max_pool_1',
        'head_dense_1',
        'head_batch_normalization_2',
        'head_dense_2',
        'head_logits',
      ],
      parameters: 4 * 6 + 6 * 8 + 4 * 8 + 9 * 4 + 5 * 3,
    },
    { spec: [], shape: [6], layers: ['head_logits'], parameters: 7 * 3 },
  ];
  it.each(heads)('builds $spec on $shape', ({ spec, shape, layers, parameters }) => {
    const model = build(spec, shape);
    expect(model.layers.slice(1).map(({ name }) => name)).toEqual(layers);
    expect(model.countParams()).toBe(parameters);
    expect(model.outputs[0]!.shape).toEqual([null, 3]);
    model.dispose();
  });

  it('gives logits: values beyond 0 and 1, that do not add up to 1', () => {
    const model = build([{ layer: 'dense', units: 64, kernelInitializer: 'heNormal' }], [6]);
    tf.tidy(() => {
      const logits = (model.predict(tf.mul(tf.ones([1, 6]), 9)) as tf.Tensor).dataSync();
      expect(Math.min(...logits)).toBeLessThan(0);
    });
    model.dispose();
  });

  it('draws the same bits from the same seed, and others from another', () => {
    const [first, again, other] = [build('mlp', [6], 1), build('mlp', [6], 1), build('mlp', [6], 2)];
    expect(weightsOf(again)).toEqual(weightsOf(first));
    expect(weightsOf(other)).not.toEqual(weightsOf(first));
    for (const model of [first, again, other]) model.dispose();
  });

  const units = 200;
  const features = 300;
  const initializers = [
    { name: 'glorotUniform', deviation: Math.sqrt(2 / (features + units)), limit: Math.sqrt(6 / (features + units)) },
    {
      name: 'glorotNormal',
      deviation: Math.sqrt(2 / (features + units)),
      limit: (2 * Math.sqrt(2 / (features + units))) / 0.87962566,
    },
    { name: 'heUniform', deviation: Math.sqrt(2 / features), limit: Math.sqrt(6 / features) },
    { name: 'heNormal', deviation: Math.sqrt(2 / features), limit: (2 * Math.sqrt(2 / features)) / 0.87962566 },
    { name: 'lecunUniform', deviation: Math.sqrt(1 / features), limit: Math.sqrt(3 / features) },
    { name: 'lecunNormal', deviation: Math.sqrt(1 / features), limit: (2 * Math.sqrt(1 / features)) / 0.87962566 },
    { name: 'randomUniform', deviation: 0.05 / Math.sqrt(3), limit: 0.05 },
    // Of so many draws the largest lies about here.
    { name: 'randomNormal', deviation: 0.05, limit: 0.05 * 5.5, reached: 0.05 * 3.5 },
    { name: 'truncatedNormal', deviation: 0.05 * 0.87962566, limit: 0.1 },
    { name: 'zeros', deviation: 0, limit: 0 },
  ];
  it.each(initializers)(
    "draws kernels by Keras's $name, with biases of 0",
    ({ name, deviation, limit, reached = 0.99 * limit }) => {
      const model = build([{ layer: 'dense', units, kernelInitializer: name }], [features]);
      const [kernel, bias] = weightsOf(model);
      const measured = Math.sqrt(kernel!.reduce((sum, value) => sum + value ** 2, 0) / kernel!.length);
      expect(Math.abs(measured - deviation)).toBeLessThanOrEqual(0.01 * deviation);
      expect(kernel!.every((value) => Math.abs(value) <= limit)).toBe(true);
      expect(kernel!.some((value) => Math.abs(value) >= reached)).toBe(true);
      expect(new Set(bias)).toEqual(new Set([0]));
      model.dispose();
    },
  );

  const unfit = [
    {
      name: 'a dense layer on a map',
      spec: [
        { layer: 'dropout', rate: 0.1 },
        { layer: 'dense', units: 4 },
      ],
      shape: map,
      at: 'head[1]',
    },
    { name: 'a map at the end', spec: [{ layer: 'dropout', rate: 0.1 }], shape: map, at: 'head[0]' },
    {
      name: 'cosines of a map',
      spec: [{ layer: 'dropout', rate: 0.1 }, { layer: 'cosineOutput' }],
      shape: map,
      at: 'head[0]',
    },
    { name: 'nothing on a map', spec: [], shape: map, at: 'head' },
    { name: 'a pooling of what is neither map nor vector', spec: [{ layer: 'globalAveragePool' }], shape: [4, 5], at: 'head[0]' },
  ];
  it.each(unfit)('refuses $name, and says how to fix it', ({ spec, shape, at }) => {
    const before = tf.memory().numTensors;
    const error = expect.objectContaining({
      code: 'HEAD_SHAPE',
      at,
      received: shape,
      fix: expect.stringContaining('globalAveragePool'),
    });
    expect(() => build(spec, shape)).toThrow(error);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('draws every layer of a head apart, the output too', () => {
    const model = build([{ layer: 'dense', units: 6 }, { layer: 'dense', units: 3 }, { layer: 'cosineOutput' }], [6]);
    const kernels = weightsOf(model).filter(({ length }) => length > 6);
    expect(new Set(kernels.map(([first]) => first)).size).toBe(3);
    model.dispose();
  });

  it.each([
    { name: 'l1', spec: { l1: 0.5 }, expected: (kernel: number[]) => 0.5 * sum(kernel.map(Math.abs)) },
    { name: 'l2', spec: { l2: 0.5 }, expected: (kernel: number[]) => 0.5 * sum(kernel.map((value) => value ** 2)) },
    {
      name: 'both',
      spec: { l1: 0.5, l2: 2 },
      expected: (kernel: number[]) => sum(kernel.map((value) => 0.5 * Math.abs(value) + 2 * value ** 2)),
    },
  ])('adds to the loss by $name, of dense layers and of the output', async ({ spec, expected }) => {
    const model = build(
      [
        { layer: 'dense', units: 4, ...spec },
        { layer: 'output', ...spec },
      ],
      [6],
    );
    const [first, , last] = weightsOf(model);
    expect(await networkOf(model).penalty()).toBeCloseTo(expected(first!) + expected(last!), 4);
    model.dispose();
  });

  it.each(Activation.options)('trains with the activation %s', async (activation) => {
    const model = build(
      [
        { layer: 'dense', units: 16, activation },
        { layer: 'activation', activation },
      ],
      [8],
    );
    const training = TrainingSpec.parse({ epochs: 6, batchSize: 30, optimizer: { name: 'adam', learningRate: 0.05 } });
    const { history } = await fitModel({
      network: networkOf(model),
      loss: categoricalCrossEntropy(),
      train: blobs(),
      validation: blobs({ seed: 2 }),
      training,
    });
    expect(history.at(-1)!.loss).toBeLessThan(history[0]!.loss);
    model.dispose();
  });

  it('counts a prior once, among however many images', async () => {
    const penaltyOf = async (lossTerms: number): Promise<number> => {
      const model = buildHead('linear', [6], { classes: 3, seed: 0, lossTerms });
      model.setWeights(model.getWeights().map((weight) => tf.onesLike(weight)));
      return networkOf(model).penalty();
    };
    // 18 weights of 1, each with a prior of variance 0.1; the bias has none.
    expect((await penaltyOf(100)) * 100).toBeCloseTo(18 / (2 * 0.1), 3);
    expect((await penaltyOf(4000)) * 4000).toBeCloseTo(18 / (2 * 0.1), 3);
  });

  it('says nothing of features before a linear head has learnt', () => {
    expect(weightsOf(build('linear', [6]))).toEqual([new Array(18).fill(0), [0, 0, 0]]);
  });
});

describe('HeadSpec', () => {
  it.each([
    { name: 'an output in the middle', spec: [{ layer: 'output' }, { layer: 'dropout', rate: 0.1 }] },
    { name: 'two outputs', spec: [{ layer: 'output' }, { layer: 'cosineOutput' }] },
    { name: 'a scale of 0', spec: [{ layer: 'cosineOutput', scale: 0 }] },
  ])('refuses $name', ({ spec }) => {
    expect(HeadSpec.safeParse(spec).success).toBe(false);
  });
});

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
