import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { GroupedConv2D } from '../../../../lib/backbones/layers/grouped-conv2d.ts';
import { LayerScale } from '../../../../lib/backbones/layers/layer-scale.ts';
import { StochasticDepth } from '../../../../lib/backbones/layers/stochastic-depth.ts';
import { OptimizerSpec, type TrainingSpec } from '../../../../lib/contracts/training-spec.ts';
import { CosineDense } from '../../../../lib/heads/layers/cosine-dense.ts';
import type { TrainerOptions } from '../../../../lib/training/engine.ts';
import type { Batch } from '../../../../lib/training/examples.ts';
import {
  binaryCrossEntropy,
  binaryFocal,
  categoricalCrossEntropy,
  categoricalFocal,
  EXCLUDED,
  type Loss,
  parallelLoss,
} from '../../../../lib/training/losses/loss.ts';
import type { Snapshot } from '../../../../lib/training/snapshot.ts';
import { engines, useTensorFlow } from '../../../support/tensorflow.ts';
import { apply, drawInput, drawWeights } from '../../onnx/same-as-tensorflow.ts';

useTensorFlow();

const CLASSES = 4;

interface Case {
  readonly name: string;
  readonly build: (x: tfl.SymbolicTensor) => tfl.SymbolicTensor;
  readonly inputShape?: number[];
  readonly loss?: Loss;
  readonly options?: Partial<TrainerOptions>;
  readonly optimizer?: object;
  readonly frozen?: readonly string[];
  readonly weights?: readonly number[];
  /** Sizes of the batches of an update. */
  readonly batches?: readonly number[];
}

const { layers } = tfl;
const dense = (x: tfl.SymbolicTensor, units = CLASSES, args = {}): tfl.SymbolicTensor =>
  apply(layers.dense({ units, ...args }), x);
const pooled = (x: tfl.SymbolicTensor): tfl.SymbolicTensor => dense(apply(layers.globalAveragePooling2d({}), x));
const convolved = (x: tfl.SymbolicTensor, args = {}): tfl.SymbolicTensor =>
  apply(layers.conv2d({ filters: 6, kernelSize: 3, padding: 'same', ...args }), x);
/** A convolution of one pixel, which leaves the channels of its map last in memory. */
const pointwise = (x: tfl.SymbolicTensor, args = {}): tfl.SymbolicTensor => convolved(x, { kernelSize: 1, ...args });
const linear = (x: tfl.SymbolicTensor): tfl.SymbolicTensor => dense(x);
const vector = { inputShape: [5], build: linear };

const cases: Case[] = [
  {
    name: 'convolutions with strides, pools and flatten',
    build: (x) => {
      const y = apply(
        layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
        convolved(x, { strides: 2, activation: 'relu' }),
      );
      return dense(apply(layers.flatten(), apply(layers.averagePooling2d({ poolSize: 2, strides: 1, padding: 'same' }), y)));
    },
  },
  {
    name: 'convolutions by tiles: two by two, of which three are not full, and one',
    inputShape: [7, 5, 256],
    build: (x) => {
      const y = apply(layers.maxPooling2d({ poolSize: 2, padding: 'same' }), convolved(x, { filters: 256, activation: 'relu' }));
      return pooled(convolved(convolved(y, { filters: 64, useBias: false }), { filters: 64, activation: 'swish' }));
    },
  },
  {
    name: 'a convolution by tiles: three by two',
    inputShape: [11, 6, 128],
    build: (x) => pooled(convolved(x, { filters: 128, activation: 'relu' })),
  },
  {
    name: 'a convolution by tiles without padding',
    inputShape: [6, 6, 64],
    build: (x) => pooled(convolved(x, { filters: 64, padding: 'valid' })),
  },
  {
    name: 'a depthwise and a separable convolution',
    build: (x) => {
      const y = apply(layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same', depthMultiplier: 2 }), x);
      return pooled(apply(layers.separableConv2d({ filters: 5, kernelSize: 3, activation: 'tanh' }), y));
    },
  },
  {
    name: 'a grouped convolution',
    build: (x) => pooled(apply(new GroupedConv2D({ filters: 8, kernelSize: [3, 3], groups: 2, padding: 'same' }), convolved(x))),
  },
  {
    name: 'a grouped convolution with fewer filters than channels',
    build: (x) => pooled(apply(new GroupedConv2D({ filters: 3, kernelSize: [3, 3], groups: 3, padding: 'same' }), convolved(x))),
  },
  {
    name: 'squeeze and excite',
    build: (x) => {
      const y = convolved(x, { activation: 'swish' });
      const squeezed = apply(layers.reshape({ targetShape: [1, 1, 6] }), apply(layers.globalAveragePooling2d({}), y));
      return pooled(apply(layers.multiply(), [y, convolved(squeezed, { kernelSize: 1, activation: 'sigmoid' })]));
    },
  },
  {
    name: 'branches, padding and cropping',
    build: (x) => {
      const y = apply(layers.concatenate(), [
        convolved(x),
        apply(layers.maxPooling2d({ poolSize: 3, strides: 1, padding: 'same' }), x),
      ]);
      const z = apply(
        layers.zeroPadding2d({
          padding: [
            [1, 2],
            [0, 1],
          ],
        }),
        y,
      );
      return pooled(
        apply(layers.add(), [
          convolved(
            apply(
              layers.cropping2D({
                cropping: [
                  [1, 0],
                  [1, 1],
                ],
              }),
              z,
            ),
            { filters: 9 },
          ),
          convolved(
            apply(
              layers.cropping2D({
                cropping: [
                  [0, 1],
                  [1, 1],
                ],
              }),
              z,
            ),
            { filters: 9 },
          ),
        ]),
      );
    },
  },
  {
    name: 'layer normalization, gelu, layer scale',
    build: (x) => {
      const y = apply(layers.layerNormalization({ axis: -1 }), convolved(x));
      return pooled(apply(new LayerScale({ projectionDim: 6, initValues: 1 }), dense(y, 6, { activation: 'gelu' })));
    },
  },
  {
    name: 'batch normalization of the batch',
    build: (x) =>
      pooled(
        apply(
          layers.activation({ activation: 'relu6' }),
          apply(layers.batchNormalization({ momentum: 0.9 }), convolved(x, { useBias: false })),
        ),
      ),
  },
  {
    name: 'batch normalization with its own statistics',
    build: (x) => pooled(apply(layers.batchNormalization({ name: 'norm' }), convolved(x))),
    options: { inferring: new Set(['norm']) },
  },
  {
    name: 'a frozen batch normalization',
    build: (x) => pooled(apply(layers.batchNormalization({ name: 'norm' }), convolved(x))),
    frozen: ['norm'],
  },
  {
    name: 'batch normalization of vectors',
    inputShape: [5],
    build: (x) => dense(apply(layers.batchNormalization(), dense(x, 6))),
  },
  {
    name: 'channels last: statistics of the batch, its own statistics, neither gamma nor beta',
    build: (x) => {
      const y = apply(layers.batchNormalization({ momentum: 0.9 }), pointwise(x, { useBias: false, activation: 'relu6' }));
      const z = apply(layers.batchNormalization({ name: 'norm' }), pointwise(y));
      return pooled(apply(layers.batchNormalization({ name: 'plain', center: false, scale: false }), pointwise(z)));
    },
    options: { inferring: new Set(['norm', 'plain']) },
  },
  {
    name: 'channels last: depthwise by matrices with a bias, and a sum with a map whose channels come first',
    build: (x) => {
      const y = apply(layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', activation: 'swish' }), pointwise(x));
      return pooled(apply(layers.add(), [y, convolved(x, { kernelSize: 5 }), pointwise(y, { activation: 'sigmoid' })]));
    },
  },
  {
    name: 'channels last: dropout, stochastic depth, squeeze and excite',
    build: (x) => {
      const y = apply(layers.dropout({ rate: 0.3 }), pointwise(x));
      const z = apply(layers.add(), [y, apply(new StochasticDepth({ dropPathRate: 0.5 }), pointwise(y))]);
      const squeezed = apply(layers.reshape({ targetShape: [1, 1, 6] }), apply(layers.globalAveragePooling2d({}), z));
      return pooled(apply(layers.multiply(), [z, pointwise(squeezed, { activation: 'sigmoid' })]));
    },
  },
  {
    name: 'one layer on maps of which one is small enough for products of matrices, and one is not',
    inputShape: [16, 15, 3],
    build: (x) => {
      const shared = layers.conv2d({ filters: 3, kernelSize: 1, activation: 'tanh' });
      return pooled(apply(shared, apply(layers.averagePooling2d({ poolSize: 2 }), apply(shared, x))));
    },
  },
  { name: 'frozen layers below', build: (x) => pooled(convolved(convolved(x, { name: 'below' }))), frozen: ['below'] },
  { name: 'dropout of vectors', inputShape: [20], build: (x) => dense(apply(layers.dropout({ rate: 0.4 }), dense(x, 30))) },
  { name: 'dropout of maps', build: (x) => pooled(apply(layers.dropout({ rate: 0.3 }), convolved(x))) },
  {
    name: 'stochastic depth',
    build: (x) =>
      pooled(apply(layers.add(), [x, apply(new StochasticDepth({ dropPathRate: 0.5 }), convolved(x, { filters: 3 }))])),
  },
  { name: 'a cosine output', inputShape: [5], build: (x) => apply(new CosineDense({ units: CLASSES, scale: 8 }), dense(x, 6)) },
  {
    name: 'L1 and L2',
    inputShape: [5],
    build: (x) =>
      dense(dense(x, 6, { kernelRegularizer: tfl.regularizers.l1l2({ l1: 0.01, l2: 0.02 }) }), CLASSES, {
        biasRegularizer: tfl.regularizers.l2({ l2: 0.1 }),
      }),
  },
  { ...vector, name: 'label smoothing', loss: categoricalCrossEntropy({ labelSmoothing: 0.1 }) },
  { ...vector, name: 'focal loss', loss: categoricalFocal({ gamma: 1.5, labelSmoothing: 0.1 }) },
  { ...vector, name: 'sigmoids', loss: binaryCrossEntropy({ labelSmoothing: 0.1 }) },
  { ...vector, name: 'focal loss of sigmoids', loss: binaryFocal({ gamma: 2 }) },
  { ...vector, name: 'parallel heads', loss: parallelLoss(categoricalCrossEntropy(), [0.6, 0.8]) },
  { ...vector, name: 'class weights', options: { classWeights: { task: 'single-label', present: [1, 2, 0.5, 0], absent: [] } } },
  {
    ...vector,
    name: 'class weights of sigmoids',
    loss: binaryCrossEntropy(),
    options: { classWeights: { task: 'multi-label', present: [1, 2, 0.5, 0], absent: [1, 0.1, 2, 1] } },
  },
  { ...vector, name: 'example weights', weights: [1, 0.5, 2, 0, 1, 3, 0.1, 1] },
  { ...vector, name: 'several batches of an update', batches: [3, 3, 2] },
  {
    ...vector,
    name: 'layer rates',
    build: (x) => dense(dense(x, 6, { name: 'slow' })),
    options: { layerRate: (layer) => (layer === 'slow' ? 0.1 : 1) },
  },
  {
    ...vector,
    name: 'several batches with L2 and clipped gradients',
    batches: [2, 2, 2, 2],
    build: (x) => dense(x, CLASSES, { kernelRegularizer: tfl.regularizers.l2({ l2: 0.1 }) }),
    optimizer: { name: 'adam', clipNorm: 0.1, globalClipNorm: 0.12 },
  },
];

describe('the ONNX engine trains as the TensorFlow engine does', () => {
  it.each(cases)('$name', async (given) => {
    const { build, inputShape = [7, 6, 3], loss = categoricalCrossEntropy(), frozen = [] } = given;
    const input = tfl.input({ shape: inputShape });
    const model = drawWeights(tfl.model({ inputs: input, outputs: build(input) }));
    for (const layer of model.layers) layer.trainable = !frozen.includes(layer.name);
    const before = model.getWeights(false).map((weight) => weight.clone());
    const tensorflow = await train(engines.tensorflow.open(model), given, loss);
    model.setWeights(before);
    const onnx = await train(engines.onnx.open(model), given, loss);
    expectSame(onnx, tensorflow);
    expect(model.getWeights().some((weight, i) => largestOf(tf.sub(weight, before[i]!).dataSync()) > 1e-3)).toBe(true);
    tf.dispose(before);
    model.dispose();
  });
});

interface Result {
  readonly evaluated: readonly number[];
  readonly outcomes: readonly { readonly loss: number; readonly accuracy: number }[];
  readonly penalty: number;
  readonly weights: Snapshot;
  readonly slots: Snapshot;
}

/** Three updates with an evaluation before each, and one at the end. */
async function train(
  network: ReturnType<(typeof engines)['onnx']['open']>,
  { options, weights, inputShape = [7, 6, 3], batches = [8], optimizer = { name: 'sgd', momentum: 0.9 } }: Case,
  loss: Loss,
): Promise<Result> {
  const spec: TrainingSpec['optimizer'] = OptimizerSpec.parse(optimizer);
  const trainer = network.openTrainer({ loss, optimizer: spec, ...options });
  const total = batches.reduce((sum, size) => sum + size, 0);
  const evaluated: number[] = [];
  const evaluate = async (): Promise<void> => {
    const { logits, loss: value } = await network.evaluate(batchOf(5, 50, inputShape, loss, weights), loss);
    evaluated.push(...logits, value);
  };
  for (let step = 0; step < 3; step++) {
    await evaluate();
    let row = step;
    for (const size of batches) {
      const seedOf = (layer: string): number => 1 + step * 100 + row + layer.length;
      await trainer.accumulate(batchOf(size, row, inputShape, loss, weights), { share: size / total, seedOf });
      row += size;
    }
    trainer.update(0.2);
  }
  const outcomes = await trainer.readOutcomes();
  const slots = await trainer.snapshot();
  const snapshot = await network.snapshot();
  trainer.close();
  await evaluate();
  return { evaluated, outcomes, penalty: await network.penalty(), weights: snapshot, slots };
}

function batchOf(
  count: number,
  first: number,
  inputShape: readonly number[],
  { task, shares }: Loss,
  weights?: readonly number[],
): Batch {
  const rows = Array.from({ length: count }, (_, i) => first + i);
  const heads = shares?.length ?? 1;
  const columns = CLASSES / heads;
  const target = (row: number, i: number): number => {
    if (task === 'multi-label') return (row * 7 + i * 3) % 5 < 2 ? 1 : 0;
    const head = Math.floor(i / columns);
    if (heads > 1 && (row + head) % 4 === 0) return EXCLUDED;
    return row % columns === i % columns ? 1 : 0;
  };
  return {
    inputs: drawInput([first + 1, count, ...inputShape]).slice(
      0,
      count * inputShape.reduce((product, size) => product * size, 1),
    ),
    targets: Float32Array.from(rows.flatMap((row) => Array.from({ length: CLASSES }, (_, i) => target(row, i)))),
    ...(weights && { weights: Float32Array.from(rows, (row) => weights[row % weights.length]!) }),
  };
}

function expectSame(actual: Result, expected: Result): void {
  for (const key of ['weights', 'slots'] as const) {
    expect([...actual[key].keys()]).toEqual([...expected[key].keys()]);
    for (const [name, { shape, values }] of expected[key]) {
      expect(actual[key].get(name)!.shape, name).toEqual(shape);
      expectClose(actual[key].get(name)!.values, values, name);
    }
  }
  expectClose(actual.evaluated, expected.evaluated, 'evaluation');
  expectClose(
    actual.outcomes.map(({ loss }) => loss),
    expected.outcomes.map(({ loss }) => loss),
    'losses',
  );
  expect(actual.outcomes.map(({ accuracy }) => accuracy.toFixed(5))).toEqual(
    expected.outcomes.map(({ accuracy }) => accuracy.toFixed(5)),
  );
  expect(actual.penalty).toBeCloseTo(expected.penalty, 5);
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, name: string): void {
  expect(actual.length, name).toBe(expected.length);
  const scale = Math.max(1e-3, largestOf(expected));
  const worst = largestOf(Array.from(expected, (value, i) => value - actual[i]!));
  expect(
    worst / scale,
    `${name}: ${Array.from(actual).slice(0, 6)}, TensorFlow ${Array.from(expected).slice(0, 6)}`,
  ).toBeLessThan(1e-4);
}

function largestOf(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest;
}
