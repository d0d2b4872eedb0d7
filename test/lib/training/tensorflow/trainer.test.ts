import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { HeadSpec } from '../../../../lib/contracts/head-spec.ts';
import { TrainingSpec } from '../../../../lib/contracts/training-spec.ts';
import { buildHead } from '../../../../lib/heads/build-head.ts';
import { fit as fitModel } from '../../../../lib/training/fit.ts';
import { categoricalCrossEntropy } from '../../../../lib/training/losses/loss.ts';
import { blobs } from '../../../support/blobs.ts';
import { networkOf, useTensorFlow } from '../../../support/tensorflow.ts';

useTensorFlow();

const train = blobs();
const validation = blobs({ count: 10, seed: 2 });
const labels = ['a', 'b', 'c'];

/** TensorFlow's error where its allocator finds no room. */
const NO_ROOM = 'Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[64,7,7,512] and type float';
const LOST = 'Invalid TF_Status: 13\nMessage: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered';

/** A layer on a device with room for so many examples. */
class Room extends tfl.layers.Layer {
  static readonly className = 'Room';
  readonly #examples: number;
  readonly #message: string;

  constructor(examples: number, message = NO_ROOM) {
    super({ name: 'room' });
    this.#examples = examples;
    this.#message = message;
  }

  override computeOutputShape(shape: tfl.Shape): tfl.Shape {
    return shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [input] = [inputs].flat();
    const rows = input!.shape[0]!;
    // Evaluating the model, ten at a time, needs no memory for the way back.
    if (rows > this.#examples && rows !== validation.count) throw new Error(this.#message);
    return tf.clone(input!);
  }
}

async function trained(room: Room | undefined, spec: object, layers: readonly object[] = []) {
  const lines: Record<string, unknown>[] = [];
  const model = buildHead(HeadSpec.parse([{ layer: 'dense', units: 6, activation: 'tanh', l2: 0.01 }, ...layers]), [8], {
    classes: 3,
    seed: 0,
  });
  const limited = tfl.model({
    inputs: model.inputs,
    outputs: room === undefined ? model.outputs : (room.apply(model.outputs) as tfl.SymbolicTensor),
  });
  const before = tf.memory().numTensors;
  const training = TrainingSpec.parse({ epochs: 2, batchSize: 16, earlyStopping: null, ...spec });
  const log = (event: string, values = {}) => void lines.push({ event, ...values });
  const fitted = await fitModel({
    network: networkOf(limited),
    loss: categoricalCrossEntropy(),
    train,
    validation,
    training,
    labels,
    keep: 'last',
    log,
  }).finally(() => {
    expect(tf.memory().numTensors, 'tensors left behind').toBe(before);
  });
  const weights = model.getWeights().flatMap((weight) => [...weight.dataSync()]);
  model.dispose();
  return { ...fitted, weights, lines };
}

function largestDifference(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN))));
}

describe('a batch for which the device has no room', () => {
  it.each<[string, object, object[]]>([
    ['plain', { optimizer: { name: 'sgd', learningRate: 0.1 } }, []],
    ['with Adam', {}, []],
    ['with accumulated gradients', { gradientAccumulation: 3 }, []],
    ['with weights by class', { classWeights: { a: 3, b: 0.5 } }, []],
    ['with balanced classes and smoothed labels', { classWeights: 'balanced', labelSmoothing: 0.1 }, []],
    ['with mixtures', { mix: { name: 'mixup' } }, []],
  ])('is trained on in parts to the same weights, %s', async (_, spec, layers) => {
    const whole = await trained(undefined, spec, layers);
    for (const room of [9, 3]) {
      const parts = await trained(new Room(room), spec, layers);
      expect(largestDifference(whole.weights, parts.weights)).toBeLessThan(1e-5);
      whole.history.forEach(({ loss, accuracy }, epoch) => {
        expect(parts.history[epoch]?.loss).toBeCloseTo(loss, 4);
        expect(parts.history[epoch]?.accuracy).toBeCloseTo(accuracy, 5);
      });
    }
  });

  it('is logged once for each size, with what it does to BatchNormalization', async () => {
    const { lines, weights } = await trained(new Room(5), {}, [{ layer: 'batchNormalization' }, { layer: 'dropout', rate: 0.3 }]);
    expect(lines.filter(({ event }) => event === 'batch.parts')).toMatchObject([
      { rows: 8, batchNormalization: 'statistics of the parts' },
      { rows: 4 },
    ]);
    expect(weights.every(Number.isFinite)).toBe(true);
  });

  it('ends the training where not even one example has room', async () => {
    await expect(trained(new Room(0), {})).rejects.toMatchObject({ code: 'DEVICE_OUT_OF_MEMORY', retryable: false });
  });
});

it('a lost device is a retryable error', async () => {
  await expect(trained(new Room(0, LOST), {})).rejects.toMatchObject({ code: 'DEVICE_LOST', retryable: true });
});
