import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import type { EpochRecord } from '../../../lib/contracts/model-card.ts';
import { TrainingSpec } from '../../../lib/contracts/training-spec.ts';
import { evaluate } from '../../../lib/training/evaluate.ts';
import { type Examples, memoryExamples, targetsOf } from '../../../lib/training/examples.ts';
import { type FittedPhases, fitPhases, gradualPhases, type PhasedOptions } from '../../../lib/training/fit-phases.ts';
import { categoricalCrossEntropy } from '../../../lib/training/losses/loss.ts';
import { stageRates } from '../../../lib/training/stage-rates.ts';
import { memoryCheckpoints } from '../../support/memory-checkpoints.ts';
import { networkOf, useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const loss = categoricalCrossEntropy();
const clock = { now: () => new Date(0) };
const stages = [['conv_1', 'norm_1'], ['conv_2'], ['head']];

/** Two stages of convolutions and a head: the same weights every time. */
function build(): tfl.LayersModel {
  const { layers } = tfl;
  const conv = (name: string, seed: number): tfl.layers.Layer =>
    layers.conv2d({
      name,
      filters: 4,
      kernelSize: 3,
      activation: 'relu',
      kernelInitializer: tfl.initializers.heNormal({ seed }),
    });
  const images = tfl.input({ shape: [7, 7, 2] });
  const chain = [
    conv('conv_1', 1),
    layers.batchNormalization({ name: 'norm_1', momentum: 0.7 }),
    conv('conv_2', 2),
    layers.globalAveragePooling2d({ name: 'pool' }),
    layers.dropout({ name: 'drop', rate: 0.2 }),
    layers.dense({ name: 'head', units: 2, kernelInitializer: tfl.initializers.glorotUniform({ seed: 3 }) }),
  ];
  const logits = chain.reduce((x, layer) => layer.apply(x) as tfl.SymbolicTensor, images);
  return tfl.model({ inputs: images, outputs: logits });
}

/** Stripes one way and the other, with noise. */
function stripes(count: number, seed: number): Examples {
  const labels = Array.from({ length: count }, (_, row) => [row % 2]);
  const inputs = Float32Array.from({ length: count * 98 }, (_, i) => {
    const [row, pixel] = [Math.floor(i / 98), Math.floor((i % 98) / 2)];
    const along = row % 2 === 0 ? pixel % 7 : Math.floor(pixel / 7);
    return (along % 2) + Math.sin(seed + i * i);
  });
  return memoryExamples({ inputs, inputShape: [7, 7, 2], classes: 2, targets: targetsOf(labels, 2) });
}

const train = stripes(20, 1);
const validation = stripes(10, 2);
const training = (spec: object = {}): TrainingSpec =>
  TrainingSpec.parse({ epochs: 2, batchSize: 8, earlyStopping: null, optimizer: { name: 'adam', learningRate: 0.03 }, ...spec });
const phases = gradualPhases(stages, [training(), training({ epochs: 1 }), training()], stageRates(stages, 0.5));
/** Of all phases. */
const batches = 3 * 5;

const bitsOf = (model: tfl.LayersModel): number[][] => model.getWeights().map((weight) => [...weight.dataSync()]);
const read = (model: tfl.LayersModel, layer: string): number[] =>
  model
    .getLayer(layer)
    .getWeights()
    .flatMap((weight) => [...weight.dataSync()]);

/** Trains a new model. */
async function trainAnew(options: Partial<PhasedOptions> = {}): Promise<FittedPhases & { weights: number[][] }> {
  const model = build();
  try {
    const fitted = await fitPhases({ network: networkOf(model), loss, train, validation, phases, ...options });
    return { ...fitted, weights: bitsOf(model) };
  } finally {
    model.dispose();
  }
}

describe('stageRates', () => {
  it('multiplies the rate for each stage further down, and leaves the head its own', () => {
    const rate = stageRates([['a', 'b'], ['c'], ['d']], 0.1);
    expect(['a', 'b', 'c', 'd', 'head'].map(rate)).toEqual([0.1 ** 2, 0.1 ** 2, 0.1, 1, 1]);
  });
});

describe('gradualPhases', () => {
  it('thaws the top first, then one stage more in each phase', () => {
    const names = gradualPhases(stages, [training(), training(), training(), training()]).map(({ trainable }) => trainable);
    expect(names).toEqual([['head'], ['conv_2', 'head'], ['conv_1', 'norm_1', 'conv_2', 'head']]);
    expect(gradualPhases(stages, [training()])).toHaveLength(1);
  });
});

describe('fitPhases', () => {
  it('moves in each phase what trains in it, and nothing else', async () => {
    const model = build();
    const layers = ['conv_1', 'norm_1', 'conv_2', 'head'];
    let before = layers.map((layer) => read(model, layer));
    const moved: string[][] = [];
    const onEpoch = (_: EpochRecord, phase: number): void => {
      const after = layers.map((layer) => read(model, layer));
      moved[phase] = layers.filter((_, i) => after[i]!.some((value, j) => value !== before[i]![j]));
      before = after;
    };
    await fitPhases({ network: networkOf(model), loss, train, validation, phases, onEpoch });
    expect(moved).toEqual([['head'], ['conv_2', 'head'], layers]);
    expect(layers.every((layer) => model.getLayer(layer).trainable)).toBe(true);
    model.dispose();
  });

  it('gives the same bits when it is interrupted after each batch in turn, in any phase', async () => {
    const expected = await trainAnew();
    const stores = phases.map(() => memoryCheckpoints());
    const checkpoints = (phase: number) => ({ store: stores[phase]!, clock });
    let interruptions = 0;
    for (let attempt = 0; attempt <= batches; attempt++) {
      const abort = new AbortController();
      const onBatch = (): void => abort.abort(new Error('the machine goes away'));
      const result = await trainAnew({ checkpoints, signal: abort.signal, onBatch }).catch((error: unknown) => error);
      if (!(result instanceof Error)) {
        expect(result).toEqual(expected);
        break;
      }
      interruptions++;
    }
    expect(interruptions).toBe(batches);
  });

  it('goes on in the phase where it stood, and says no epoch twice', async () => {
    const stores = phases.map(() => memoryCheckpoints());
    const checkpoints = (phase: number) => ({ store: stores[phase]!, clock });
    const told: string[] = [];
    const onEpoch = ({ epoch }: EpochRecord, phase: number): void => void told.push(`${phase}.${epoch}`);
    const abort = new AbortController();
    let learnt = 0;
    const onBatch = (): void => void (++learnt === 8 && abort.abort());
    await expect(trainAnew({ checkpoints, signal: abort.signal, onBatch, onEpoch })).rejects.toMatchObject({
      code: 'TRAINING_INTERRUPTED',
    });
    expect(told).toEqual(['0.1', '0.2']);
    await trainAnew({ checkpoints, onEpoch });
    expect(told).toEqual(['0.1', '0.2', '1.1', '2.1', '2.2']);
  });

  it('leaves the weights of the best epoch of all phases: a phase that makes things worse leaves no trace', async () => {
    const wild = training({ optimizer: { name: 'sgd', learningRate: 30 }, epochs: 1 });
    const both = [
      { trainable: ['head'], training: training({ epochs: 4 }) },
      { trainable: stages.flat(), training: wild },
    ];
    const model = build();
    const fitted = await fitPhases({ network: networkOf(model), loss, train, validation, phases: both });
    expect(fitted.bestPhase).toBe(0);
    const [first] = fitted.phases;
    const { loss: left } = await evaluate(networkOf(model), validation, loss, ['a', 'b']);
    const lowest = Math.min(...first!.history.map(({ validationLoss }) => validationLoss));
    expect(left + (await networkOf(model).penalty())).toBeCloseTo(lowest, 5);
    model.dispose();
  });

  it('shuffles otherwise in each phase, and leaves no tensor behind', async () => {
    const tensors = tf.memory().numTensors;
    const same = { trainable: ['head'], training: training({ epochs: 1 }) };
    const orders: string[] = [];
    const watched = {
      ...train,
      gather(rows: readonly number[]) {
        orders.push(rows.join());
        return train.gather(rows);
      },
    };
    await trainAnew({ phases: [same, same], train: watched });
    expect(orders[0]).not.toBe(orders[3]);
    expect(tf.memory().numTensors).toBe(tensors);
  });
});
