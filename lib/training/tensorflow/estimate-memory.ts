import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { sum } from '../../arithmetic.ts';
import type { TrainingSpec } from '../../contracts/training-spec.ts';
import type { TrainerOptions } from '../engine.ts';
import { changingVariables, leafLayers, type ModelVariable, trainableVariables } from '../layers-model/leaf-layers.ts';
import { classCount, exampleShape } from '../layers-model/model-shape.ts';
import { slotNames } from '../optimizer-slots.ts';
import { evaluationBatchSize } from '../predict-logits.ts';
import { inferenceForward, trainingForward } from './forward.ts';
import { computeGradients } from './gradients.ts';
import { readVariables, writeVariables } from './variables.ts';

/** Estimated memory of a training, in bytes. */
export interface TrainingMemory {
  /** All weights of the model, trainable or not. They are allocated before training begins. */
  readonly weights: number;
  /** The optimizer's slots. */
  readonly slots: number;
  readonly gradients: number;
  /** Per example of a batch: the values that the forward pass keeps for the backward pass, and temporary tensors. */
  readonly perExample: number;
  /** Peak memory of TensorFlow, including weights. */
  readonly device: number;
  /** Memory of the process outside TensorFlow: batches, the best weights, and a checkpoint while it is written. */
  readonly host: number;
}

/** Estimates the memory of a training with this batch size. */
export type MemoryOf = (step: Pick<TrainingSpec, 'batchSize' | 'gradientAccumulation'>) => TrainingMemory;

export interface MemoryOptions extends Pick<TrainerOptions, 'loss' | 'inferring'> {
  readonly model: tfl.LayersModel;
  readonly training: TrainingSpec;
}

/** Allocators round up and leave gaps: 1.1 to 1.25 measured in WebAssembly, 1 to 1.15 natively. */
const OVERHEAD = 1.2;
/** Most tensors of a variable's size that its update holds (optimizers/advance.ts). */
const UPDATE = 5;

/**
 * Estimates the memory of a training, for any batch size. Runs each pass with one example and with two; every further
 * example adds as much as the second one. Does not change the model.
 */
export async function estimateTrainingMemory(options: MemoryOptions): Promise<MemoryOf> {
  const { model, training } = options;
  const { optimizer } = training;
  const variables = trainableVariables(model);
  const trainingPeak = await trainingPeaks(options, variables);
  const evaluationPeak = await peaks(model, (inputs, count) =>
    tf.tidy(() => [inferenceForward(model, tf.tensor(inputs, [count, ...exampleShape(model)]))]),
  );
  const weights = weightBytes(model);
  const gradients = sum(variables.map(bytesOf));
  const slots = gradients * slotNames(optimizer).length;
  const clips = optimizer.clipNorm !== undefined || optimizer.globalClipNorm !== undefined;
  const update = gradients * (clips ? 3 : 1) + UPDATE * Math.max(0, ...variables.map(bytesOf));
  const state = sum(changingVariables(model).map(bytesOf));
  const evaluated = evaluationPeak(evaluationBatchSize(exampleShape(model)));
  return ({ batchSize, gradientAccumulation }) => {
    // The accumulated gradients are kept until this batch's gradients are added to them.
    const waiting = gradientAccumulation > 1 ? 2 * gradients : 0;
    return {
      weights,
      slots,
      gradients,
      perExample: trainingPeak(1) - trainingPeak(0),
      device: OVERHEAD * (weights + slots + Math.max(trainingPeak(batchSize) + waiting, update, evaluated)),
      // A checkpoint holds the weights, the slots and the best weights, both raw and encoded.
      host: 2 * batchSize * 4 * tf.util.sizeFromShape(exampleShape(model)) + state + 2 * (2 * state + slots),
    };
  };
}

/** Measures the peaks of the forward and backward passes. */
async function trainingPeaks({ model, loss, inferring }: MemoryOptions, variables: readonly ModelVariable[]): Promise<Peaks> {
  const names = new Set(variables.map(({ name }) => name));
  // A trainable normalization updates its statistics in the forward pass.
  const statistics = changingVariables(model).filter(({ name }) => !names.has(name));
  const named = statistics.map(({ name, variable }) => [name, variable] as const);
  const before = await readVariables(named);
  const differentiated = { model, loss, variables, forward: trainingForward(model, inferring) };
  const classes = classCount(model);
  try {
    return await peaks(model, (inputs, count) => {
      const batch = { inputs, targets: new Float32Array(count * classes) };
      const { outcome, gradients } = computeGradients(differentiated, batch, undefined, () => 1);
      return [outcome, ...gradients];
    });
  } finally {
    writeVariables(before, named);
  }
}

/** Peak bytes of the tensors that a pass with this many examples adds to the existing ones. */
type Peaks = (count: number) => number;

async function peaks(model: tfl.LayersModel, pass: (inputs: Float32Array, count: number) => tf.Tensor[]): Promise<Peaks> {
  const peak = async (count: number): Promise<number> => {
    const inputs = new Float32Array(count * tf.util.sizeFromShape(exampleShape(model)));
    const before = tf.memory().numBytes;
    const { peakBytes } = await tf.profile(() => {
      const results = pass(inputs, count);
      tf.dispose(results);
      return [];
    });
    return peakBytes - before;
  };
  const [one, two] = [await peak(1), await peak(2)];
  return (count) => one + (count - 1) * Math.max(0, two - one);
}

function weightBytes(model: tfl.LayersModel): number {
  const weights = leafLayers(model).flatMap(({ layer }) => layer.weights);
  return sum(weights.map((weight) => 4 * weight.read().size));
}

function bytesOf({ variable }: ModelVariable): number {
  return 4 * variable.size;
}
