import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { HeadSpec } from '../../../lib/contracts/head-spec.ts';
import { TrainingSpec } from '../../../lib/contracts/training-spec.ts';
import { buildHead } from '../../../lib/heads/build-head.ts';
import { findLearningRate } from '../../../lib/training/find-learning-rate.ts';
import { fit as fitModel } from '../../../lib/training/fit.ts';
import { categoricalCrossEntropy } from '../../../lib/training/losses/loss.ts';
import { blobs } from '../../support/blobs.ts';
import { networkOf, useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const loss = categoricalCrossEntropy();
const train = blobs();
const head = HeadSpec.parse([
  { layer: 'dense', units: 16, activation: 'relu' },
  { layer: 'batchNormalization' },
  { layer: 'dropout', rate: 0.2 },
]);
const build = (): tfl.LayersModel => buildHead(head, [8], { classes: 3, seed: 0 });
const training = (spec: object = {}): TrainingSpec => TrainingSpec.parse({ batchSize: 16, epochs: 4, ...spec });
const weightsOf = (model: tfl.LayersModel): number[][] => model.getWeights().map((weight) => [...weight.dataSync()]);

describe('findLearningRate', () => {
  it.each(['adam', 'sgd'])(
    'suggests a rate with which %s learns better than with far smaller and far larger ones',
    async (name) => {
      const model = build();
      const { suggestion } = await findLearningRate({
        network: networkOf(model),
        loss,
        train,
        training: training({ optimizer: { name } }),
      });
      model.dispose();
      const lossAt = async (learningRate: number): Promise<number> => {
        const fresh = build();
        const spec = training({ optimizer: { name, learningRate } });
        const validation = blobs({ seed: 2 });
        // Where it explodes there is no loss at all.
        const { history } = await fitModel({ network: networkOf(fresh), loss, train, validation, training: spec }).catch(() => ({
          history: [],
        }));
        fresh.dispose();
        return Math.min(...history.map(({ validationLoss }) => validationLoss));
      };
      const found = await lossAt(suggestion);
      expect(found).toBeLessThan(await lossAt(suggestion / 100));
      expect(found).toBeLessThan(await lossAt(Math.min(100, suggestion * 300)));
    },
  );

  it('leaves weights and statistics as they were, and no tensor behind', async () => {
    const model = build();
    const before = weightsOf(model);
    const tensors = tf.memory().numTensors;
    await findLearningRate({ network: networkOf(model), loss, train, training: training(), steps: 20 });
    expect(weightsOf(model)).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
    model.dispose();
  });

  it('goes from the first rate to the last by one factor, and finds the same each time', async () => {
    const model = build();
    const search = { network: networkOf(model), loss, train, training: training(), range: [1e-5, 1e-2] as const, steps: 31 };
    const found = await findLearningRate(search);
    const rates = found.curve.map(({ rate }) => rate);
    expect(rates).toHaveLength(31);
    for (const [i, rate] of rates.entries()) expect(rate / (1e-5 * 10 ** (i / 10))).toBeCloseTo(1, 9);
    expect(await findLearningRate(search)).toEqual(found);
    expect(await findLearningRate({ ...search, seed: 1 })).not.toEqual(found);
    model.dispose();
  });

  it('stops where the loss explodes', async () => {
    const model = build();
    const spec = training({ optimizer: { name: 'sgd' } });
    const { curve } = await findLearningRate({ network: networkOf(model), loss, train, training: spec, range: [1e-3, 1e6] });
    expect(curve.length).toBeGreaterThan(20);
    expect(curve.length).toBeLessThan(100);
    model.dispose();
  });

  it("suggests the optimizer's own rate where no rate lowers the loss", async () => {
    const model = buildHead([], [8], { classes: 3, seed: 0 });
    const same = { ...train, gather: () => train.gather([0, 1, 2]) };
    const spec = training({ optimizer: { name: 'sgd', learningRate: 0.02 } });
    const layerRate = (): number => 0;
    const { suggestion } = await findLearningRate({
      network: networkOf(model),
      loss,
      train: same,
      training: spec,
      steps: 10,
      layerRate,
    });
    expect(suggestion).toBe(0.02);
    model.dispose();
  });

  it('refuses a loss that is no number from the first step on, and restores the weights all the same', async () => {
    const model = build();
    const before = weightsOf(model);
    const broken = {
      ...train,
      gather: async () => ({ ...(await train.gather([0])), inputs: new Float32Array(8).fill(Number.NaN) }),
    };
    const search = findLearningRate({ network: networkOf(model), loss, train: broken, training: training() });
    await expect(search).rejects.toMatchObject({ code: 'LOSS_NOT_FINITE' });
    expect(weightsOf(model)).toEqual(before);
    model.dispose();
  });

  it('stops when it is told to', async () => {
    const model = build();
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(findLearningRate({ network: networkOf(model), loss, train, training: training(), signal })).rejects.toThrow(
      'enough',
    );
    model.dispose();
  });
});
