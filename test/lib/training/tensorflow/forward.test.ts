import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { inferenceForward, trainingForward } from '../../../../lib/training/tensorflow/forward.ts';
import { useTensorFlow } from '../../../support/tensorflow.ts';

useTensorFlow();

type Symbolic = tfl.SymbolicTensor;
const seedOf = (seed: number) => (): number => seed;
const random = (shape: number[], seed = 1): tf.Tensor => tf.randomNormal(shape, 1, 2, 'float32', seed);

/** A batch normalization and a dropout, one after the other. */
function normalizeAndDrop(): { model: tfl.LayersModel; normalization: tfl.layers.Layer } {
  const input = tfl.input({ shape: [50] });
  const normalization = tfl.layers.batchNormalization({ name: 'normalization' });
  const outputs = tfl.layers.dropout({ rate: 0.5 }).apply(normalization.apply(input)) as Symbolic;
  return { model: tfl.model({ inputs: input, outputs }), normalization };
}

const statistics = (layer: tfl.layers.Layer): number[] =>
  layer.nonTrainableWeights.flatMap((weight) => [...weight.read().dataSync()]);

describe('trainingForward', () => {
  const cases = [
    { name: 'normalizes with the batch and moves the statistics', frozen: false, inferring: [], moves: true },
    { name: 'infers where a BatchNormalization is frozen', frozen: true, inferring: [], moves: false },
    { name: 'infers where it is asked to', frozen: false, inferring: ['normalization'], moves: false },
  ];
  it.each(cases)('$name, and drops in any case', ({ frozen, inferring, moves }) => {
    const { model, normalization } = normalizeAndDrop();
    normalization.trainable = !frozen;
    const before = statistics(normalization);
    tf.tidy(() => {
      const output = [...trainingForward(model, new Set(inferring))(random([20, 50]), seedOf(1)).dataSync()];
      expect(output.filter((value) => value === 0).length / output.length).toBeCloseTo(0.5, 1);
      const kept = output.filter((value) => value !== 0);
      const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
      // Kept values are doubled; the inputs have mean 1, the normalized ones 0.
      expect(Math.abs(mean - (moves ? 0 : 2))).toBeLessThan(0.3);
    });
    expect(statistics(normalization).some((value, i) => value !== before[i])).toBe(moves);
    model.dispose();
  });

  const normalizations = [
    { name: 'trains without gamma', settings: { scale: false }, frozen: false },
    { name: 'trains without gamma and beta', settings: { scale: false, center: false }, frozen: false },
    { name: 'infers without gamma', settings: { scale: false }, frozen: true },
    { name: 'infers with both', settings: {}, frozen: true },
  ];
  it.each(normalizations)('has the right gradient through a BatchNormalization that $name', ({ settings, frozen }) => {
    const input = tfl.input({ shape: [3, 2] });
    const layer = tfl.layers.batchNormalization({
      ...settings,
      movingVarianceInitializer: tfl.initializers.constant({ value: 4 }),
    });
    const model = tfl.model({ inputs: input, outputs: layer.apply(input) as Symbolic });
    layer.trainable = !frozen;
    tf.tidy(() => {
      const forward = trainingForward(model);
      const weigh = random([4, 6], 2);
      const value = (x: tf.Tensor) => tf.sum(tf.mul(tf.square(forward(x, seedOf(1))), weigh)) as tf.Scalar;
      const [x, direction] = [random([4, 3, 2]), random([4, 3, 2], 3)];
      const slope = tf.sum(tf.mul(tf.grad(value)(x), direction)).dataSync()[0]!;
      const step = 0.01;
      const [ahead, behind] = [step, -step].map((by) => value(tf.add(x, tf.mul(direction, by))).dataSync()[0]!);
      expect(Math.abs((ahead! - behind!) / (2 * step) - slope)).toBeLessThan(0.02 * Math.max(1, Math.abs(slope)));
    });
    model.dispose();
  });

  it('drops the same for the same seed, and otherwise for another', () => {
    const { model, normalization } = normalizeAndDrop();
    normalization.trainable = false;
    tf.tidy(() => {
      const forward = trainingForward(model);
      const input = random([20, 50]);
      const [first, again, other] = [1, 1, 2].map((seed) => forward(input, seedOf(seed)).dataSync());
      expect(again).toEqual(first);
      expect(other).not.toEqual(first);
    });
    model.dispose();
  });

  it('computes branches, layers used twice and models in models as TF.js does', () => {
    const inner = (() => {
      const input = tfl.input({ shape: [6, 6, 4] });
      const left = tfl.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }).apply(input) as Symbolic;
      return tfl.model({ inputs: input, outputs: tfl.layers.add().apply([left, input]) as Symbolic });
    })();
    const input = tfl.input({ shape: [6, 6, 4] });
    const twice = tfl.layers.conv2d({ filters: 4, kernelSize: 1, activation: 'relu' });
    const once = twice.apply(inner.apply(input)) as Symbolic;
    const joined = tfl.layers.concatenate().apply([twice.apply(once) as Symbolic, once, input]);
    const model = tfl.model({ inputs: input, outputs: tfl.layers.globalAveragePooling2d({}).apply(joined) as Symbolic });
    tf.tidy(() => {
      const images = random([3, 6, 6, 4]);
      const expected = (model.apply(images, { training: true }) as tf.Tensor).dataSync();
      expect(trainingForward(model)(images, seedOf(1)).dataSync()).toEqual(expected);
      expect(inferenceForward(model, images).dataSync()).toEqual(expected);
    });
    model.dispose();
  });

  it('freezes what is inside a frozen model', () => {
    const { model: inner, normalization } = normalizeAndDrop();
    const input = tfl.input({ shape: [50] });
    const model = tfl.model({ inputs: input, outputs: inner.apply(input) as Symbolic });
    inner.trainable = false;
    const before = statistics(normalization);
    tf.tidy(() => trainingForward(model)(random([20, 50]), seedOf(1)));
    expect(statistics(normalization)).toEqual(before);
    model.dispose();
  });
});
