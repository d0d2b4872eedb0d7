import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { HeadSpec } from '../../../lib/contracts/head-spec.ts';
import type { EpochRecord } from '../../../lib/contracts/model-card.ts';
import { TrainingSpec } from '../../../lib/contracts/training-spec.ts';
import { buildHead } from '../../../lib/heads/build-head.ts';
import { evaluate } from '../../../lib/training/evaluate.ts';
import { memoryExamples, targetsOf } from '../../../lib/training/examples.ts';
import { type Fitted, fit as fitModel } from '../../../lib/training/fit.ts';
import type { FitOptions } from '../../../lib/training/fit-options.ts';
import { binaryCrossEntropy, categoricalCrossEntropy } from '../../../lib/training/losses/loss.ts';
import { blobs } from '../../support/blobs.ts';
import { networkOf, useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const loss = categoricalCrossEntropy();
const train = blobs();
const validation = blobs({ count: 30, seed: 2 });
const labels = ['a', 'b', 'c'];
const build = (spec: unknown = [{ layer: 'dropout', rate: 0.2 }]): tfl.LayersModel =>
  buildHead(HeadSpec.parse(spec), [8], { classes: 3, seed: 0 });
const training = (spec: object = {}): TrainingSpec =>
  TrainingSpec.parse({ epochs: 4, batchSize: 16, optimizer: { name: 'adam', learningRate: 0.02 }, ...spec });

/** Trains a new head. @returns what fit gives, and the weights it leaves */
async function fitted(options: Partial<FitOptions> = {}, spec?: unknown): Promise<Fitted & { weights: number[] }> {
  const model = build(spec);
  const result = await fitModel({ network: networkOf(model), loss, train, validation, training: training(), ...options });
  const weights = model.getWeights().flatMap((weight) => [...weight.dataSync()]);
  model.dispose();
  return { ...result, weights };
}

describe('fit', () => {
  it('learns to tell classes apart', async () => {
    const model = build();
    const before = await evaluate(networkOf(model), validation, loss, labels);
    await fitModel({ network: networkOf(model), loss, train, validation, training: training({ epochs: 12 }) });
    const after = await evaluate(networkOf(model), validation, loss, labels);
    expect(after.accuracy).toBeGreaterThan(0.95);
    expect(after.loss).toBeLessThan(before.loss / 2);
    model.dispose();
  });

  it('learns labels that do not exclude each other', async () => {
    const inputs = Float32Array.from({ length: 60 * 8 }, (_, i) => Math.sin(i * i));
    const rows = Array.from({ length: 60 }, (_, row) => [0, 1, 2].filter((label) => inputs[row * 8 + label]! > 0));
    const examples = memoryExamples({ inputs, inputShape: [8], classes: 3, targets: targetsOf(rows, 3) });
    const model = build([]);
    const options = { network: networkOf(model), loss: binaryCrossEntropy(), train: examples, validation: examples };
    await fitModel({ ...options, training: training({ epochs: 40, classWeights: 'balanced', earlyStopping: null }) });
    const metrics = await evaluate(networkOf(model), examples, options.loss, labels);
    expect(metrics.meanAveragePrecision).toBeGreaterThan(0.95);
    model.dispose();
  });

  it('learns from mixtures, other ones in each epoch', async () => {
    const mix = { name: 'mixup', alpha: 1 };
    const [plain, mixed] = [await fitted(), await fitted({ training: training({ mix, epochs: 12 }) })];
    expect(mixed.weights).not.toEqual(plain.weights);
    const { loss: mixedLoss, validationAccuracy } = mixed.history.at(-1)!;
    expect(validationAccuracy).toBeGreaterThan(0.9);
    // What is trained on is harder than what is judged on.
    expect(mixedLoss).toBeGreaterThan(mixed.history.at(-1)!.validationLoss);
  });

  it('gives the same bits for the same seed, and others for another', async () => {
    const [first, again, other] = [await fitted(), await fitted(), await fitted({ seed: 1 })];
    expect(again).toEqual(first);
    expect(other.weights).not.toEqual(first.weights);
  });

  it('leaves the weights of the best epoch, and tells each epoch as it ends', async () => {
    const told: EpochRecord[] = [];
    // Far too high a rate: the loss goes up and down.
    const spec = training({ optimizer: { name: 'sgd', learningRate: 20 }, epochs: 6, earlyStopping: null });
    const model = build();
    const { history, bestEpoch } = await fitModel({
      network: networkOf(model),
      loss,
      train,
      validation,
      training: spec,
      onEpoch: (epoch) => void told.push(epoch),
    });
    expect(told).toEqual(history);
    expect(history.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    const lowest = Math.min(...history.map(({ validationLoss }) => validationLoss));
    expect(history[bestEpoch - 1]!.validationLoss).toBe(lowest);
    expect((await evaluate(networkOf(model), validation, loss, labels)).loss).toBeCloseTo(lowest, 5);
    model.dispose();
  });

  it('replays the learning rates of an earlier training, whatever its own validation loss', async () => {
    const schedule = { name: 'reduceOnPlateau', patience: 1, factor: 0.5 };
    const spec = training({ schedule, optimizer: { name: 'sgd', learningRate: 1 } });
    const { history } = await fitted({ training: spec, plateauLosses: [1, 2, 1.5, 0.5] });
    expect(history.map(({ learningRate }) => learningRate)).toEqual([1, 1, 0.5, 0.25]);
  });

  it('converts errors of the device, also those of opening the trainer', async () => {
    const model = build();
    const openTrainer = () => {
      throw new Error('Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[9,9]');
    };
    const network = Object.assign(Object.create(networkOf(model)), { openTrainer });
    const fitting = fitModel({ network, loss, train, validation, training: training() });
    await expect(fitting).rejects.toMatchObject({ name: 'CapacityError', code: 'DEVICE_OUT_OF_MEMORY' });
    model.dispose();
  });

  it('stops when the validation loss has not fallen for so many epochs', async () => {
    const spec = training({ optimizer: { name: 'sgd', learningRate: 50 }, epochs: 50, earlyStopping: { patience: 2 } });
    const { history, bestEpoch, stoppedEarly } = await fitted({ training: spec });
    expect(stoppedEarly).toBe(true);
    expect(history).toHaveLength(bestEpoch + 2);
  });

  it('takes the same step on two batches as on both at once, the smaller last ones too', async () => {
    const spec = { optimizer: { name: 'sgd', learningRate: 0.1 }, epochs: 2, classWeights: { a: 2 } };
    const head = [{ layer: 'dense', units: 6, activation: 'tanh', l2: 0.01 }];
    const atOnce = await fitted({ training: training({ ...spec, batchSize: 32 }), labels }, head);
    const inTwo = await fitted({ training: training({ ...spec, batchSize: 16, gradientAccumulation: 2 }), labels }, head);
    for (const [i, weight] of atOnce.weights.entries()) expect(inTwo.weights[i]).toBeCloseTo(weight, 5);
  });

  it('counts examples and classes by their weights', async () => {
    const base = blobs({ spread: 3 });
    const shareOf = async (options: Partial<FitOptions>): Promise<number> => {
      const model = build();
      await fitModel({
        network: networkOf(model),
        loss,
        train: base,
        validation: base,
        training: training({ epochs: 8 }),
        labels,
        ...options,
      });
      const [first] = (await evaluate(networkOf(model), base, loss, labels)).perClass;
      model.dispose();
      return first!.recall;
    };
    const equal = await shareOf({});
    expect(await shareOf({ training: training({ epochs: 8, classWeights: { a: 8 } }) })).toBeGreaterThan(equal);
    const weigh = {
      ...base,
      gather: async (rows: readonly number[]) => {
        const batch = await base.gather(rows);
        return { ...batch, weights: Float32Array.from(rows, (_, i) => (batch.targets[i * 3] === 1 ? 8 : 1)) };
      },
    };
    expect(await shareOf({ train: weigh })).toBeGreaterThan(equal);
  });

  it('moves nothing of a frozen layer, and a layer at its own rate', async () => {
    const model = build([{ layer: 'dense', units: 6 }, { layer: 'batchNormalization' }, { layer: 'dense', units: 5 }]);
    const read = (layer: string) =>
      model
        .getLayer(layer)
        .getWeights()
        .flatMap((weight) => [...weight.dataSync()]);
    const names = ['head_dense_1', 'head_batch_normalization_1', 'head_dense_2', 'head_logits'];
    const before = names.map(read);
    for (const name of names.slice(0, 2)) model.getLayer(name).trainable = false;
    await fitModel({
      network: networkOf(model),
      loss,
      train,
      validation,
      training: training(),
      layerRate: (layer) => (layer === 'head_dense_2' ? 0 : 1),
    });
    const moved = names.map((name, i) => read(name).some((value, j) => value !== before[i]![j]));
    expect(moved).toEqual([false, false, false, true]);
    model.dispose();
  });

  it('holds the same number of tensors after each epoch, and leaves none behind', async () => {
    const before = tf.memory().numTensors;
    const held = new Set<number>();
    await fitted({
      training: training({ epochs: 6, earlyStopping: null }),
      onEpoch: () => void held.add(tf.memory().numTensors),
    });
    expect(held.size).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('gives timers and signals their turn between batches', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await fitted({ training: training({ batchSize: 1 }) });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
  });
});
