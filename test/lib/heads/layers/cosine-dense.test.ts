import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { TrainingSpec } from '../../../../lib/contracts/training-spec.ts';
import { buildHead } from '../../../../lib/heads/build-head.ts';
import { CosineDense } from '../../../../lib/heads/layers/cosine-dense.ts';
import { fit as fitModel } from '../../../../lib/training/fit.ts';
import { categoricalCrossEntropy } from '../../../../lib/training/losses/loss.ts';
import { blobs } from '../../../support/blobs.ts';
import { networkOf, useTensorFlow } from '../../../support/tensorflow.ts';

useTensorFlow();

const build = (): tfl.LayersModel => buildHead('cosine', [8], { classes: 3, seed: 1 });
const features = Array.from({ length: 8 }, (_, i) => Math.sin(i + 1));
const logitsOf = (model: tfl.LayersModel, rows: number[][]): number[] =>
  tf.tidy(() => [...(model.predict(tf.tensor2d(rows)) as tf.Tensor).dataSync()]);

describe('CosineDense', () => {
  it('gives cosines times the scale, however long features and kernel are', () => {
    const model = build();
    const [kernel] = model.getWeights();
    const columns = kernel!.arraySync() as number[][];
    const expected = [0, 1, 2].map((unit) => {
      const column = columns.map((row) => row[unit]!);
      return (16 * dot(features, column)) / Math.sqrt(dot(features, features) * dot(column, column));
    });
    for (const factor of [1, 0.01, 100]) {
      const logits = logitsOf(model, [features.map((value) => factor * value)]);
      for (const [i, logit] of logits.entries()) expect(logit).toBeCloseTo(expected[i]!, 4);
    }
    model.dispose();
  });

  it('gives 0 where the features are all 0', () => {
    const model = build();
    expect(logitsOf(model, [Array(8).fill(0)])).toEqual([0, 0, 0]);
    model.dispose();
  });

  it('gives half the logits where all its weights are halved, so that a temperature can go into them', () => {
    const model = build();
    const before = logitsOf(model, [features]);
    tf.tidy(() => model.setWeights(model.getWeights().map((weight) => tf.mul(weight, 0.5))));
    for (const [i, logit] of logitsOf(model, [features]).entries()) expect(logit).toBeCloseTo(before[i]! / 2, 4);
    model.dispose();
  });

  it('learns, its scale too', async () => {
    const model = build();
    const training = TrainingSpec.parse({ epochs: 12, batchSize: 16, optimizer: { name: 'adam', learningRate: 0.03 } });
    const loss = categoricalCrossEntropy();
    const { history } = await fitModel({
      network: networkOf(model),
      loss,
      train: blobs(),
      validation: blobs({ seed: 2 }),
      training,
    });
    expect(history.at(-1)!.validationAccuracy).toBeGreaterThan(0.85);
    expect(model.getWeights()[1]!.dataSync()[0]).not.toBe(16);
    model.dispose();
  });

  it('comes back from its configuration with its name, size, scale and seed', () => {
    const layer = new CosineDense({ name: 'logits', units: 3, scale: 9, seed: 5 });
    const config = JSON.parse(JSON.stringify(layer.getConfig()));
    const again = CosineDense.fromConfig(CosineDense, config) as CosineDense;
    expect(again.getConfig()).toEqual(layer.getConfig());
    const [first, second] = [layer, again].map((each) => {
      const input = tfl.input({ shape: [4] });
      const model = tfl.model({ inputs: input, outputs: each.apply(input) as tfl.SymbolicTensor });
      return model.getWeights().map((weight) => [...weight.dataSync()]);
    });
    expect(second).toEqual(first);
    tf.dispose([layer, again].flatMap((each) => each.getWeights()));
  });
});

function dot(a: number[], b: number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
