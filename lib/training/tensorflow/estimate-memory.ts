import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { sum } from '../../arithmetic.ts';
import type { TrainingSpec } from '../../contracts/training-spec.ts';
import type { TrainerOptions } from '../engine.ts';
import { evaluationBatchSize } from '../predict-logits.ts';
import { inferenceForward, trainingForward } from './forward.ts';
import { computeGradients } from './gradients.ts';
import { changingVariables, leafLayers, type ModelVariable, trainableVariables } from './leaf-layers.ts';
import { slotNames } from './optimizers/build-optimizer.ts';
import { readVariables, writeVariables } from './variables.ts';

/** What a training will need, in bytes. */
export interface TrainingMemory {
  /** Of the model, whether they train or not. They are there before the training begins. */
  readonly weights: number;
  /** What the optimizer remembers. */
  readonly slots: number;
  readonly gradients: number;
  /** For each example of a batch: what the way forward keeps for the way back, and what that needs beside it. */
  readonly perExample: number;
  /** What TensorFlow holds at most, weights and all. */
  readonly device: number;
  /** What the process holds beside it: batches, the best weights, and a checkpoint while it is written. */
  readonly host: number;
}

/** What a training takes whose steps are of such batches. */
export type MemoryOf = (step: Pick<TrainingSpec, 'batchSize' | 'gradientAccumulation'>) => TrainingMemory;

export interface MemoryOptions extends Pick<TrainerOptions, 'loss' | 'inferring'> {
  readonly model: tfl.LayersModel;
  readonly training: TrainingSpec;
}

/** Allocators round up and leave gaps: measured, 1.1 to 1.25 in WebAssembly and 1 to 1.15 natively. */
const OVERHEAD = 1.2;
/** Tensors of a variable's size that its update holds at most (optimizers/advance.ts). */
const UPDATE = 5;

/**
 * Estimates what memory a training takes, for any batch size. Each pass is made once with one example and once with two: what the
 * second one adds, every further one will add. The model stays as it is.
 */
export async function estimateTrainingMemory(options: MemoryOptions): Promise<MemoryOf> {
  const { model, training } = options;
  const { optimizer } = training;
  const variables = trainableVariables(model);
  const learning = await trainingPeaks(options, variables);
  const judging = await peaks(model, (inputs, count) =>
    tf.tidy(() => [inferenceForward(model, tf.tensor(inputs, [count, ...exampleShape(model)]))]),
  );
  const weights = weightBytes(model);
  const gradients = sum(variables.map(bytesOf));
  const slots = gradients * slotNames(optimizer).length;
  const clips = optimizer.clipNorm !== undefined || optimizer.globalClipNorm !== undefined;
  const update = gradients * (clips ? 3 : 1) + UPDATE * Math.max(0, ...variables.map(bytesOf));
  const state = sum(changingVariables(model).map(bytesOf));
  const judged = judging(evaluationBatchSize(exampleShape(model)));
  return ({ batchSize, gradientAccumulation }) => {
    // The gradients of the batches before wait for those of this one, and are added to them.
    const waiting = gradientAccumulation > 1 ? 2 * gradients : 0;
    return {
      weights,
      slots,
      gradients,
      perExample: learning(1) - learning(0),
      device: OVERHEAD * (weights + slots + Math.max(learning(batchSize) + waiting, update, judged)),
      // A checkpoint holds the weights, the slots and the best weights, once as they are and once encoded.
      host: 2 * batchSize * 4 * tf.util.sizeFromShape(exampleShape(model)) + state + 2 * (2 * state + slots),
    };
  };
}

/** Of the way forward and back. */
async function trainingPeaks({ model, loss, inferring }: MemoryOptions, variables: readonly ModelVariable[]): Promise<Peaks> {
  const names = new Set(variables.map(({ name }) => name));
  // A normalization that trains moves its statistics on the way forward.
  const statistics = changingVariables(model).filter(({ name }) => !names.has(name));
  const named = statistics.map(({ name, variable }) => [name, variable] as const);
  const before = await readVariables(named);
  const differentiated = { model, loss, variables, forward: trainingForward(model, inferring) };
  const classes = model.outputs[0]?.shape.at(-1) ?? 1;
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

/** The most bytes of tensors that a pass with so many examples holds beside those that were there. */
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

function exampleShape(model: tfl.LayersModel): number[] {
  return (model.inputs[0]?.shape.slice(1) ?? []).map((size) => size ?? 1);
}

function weightBytes(model: tfl.LayersModel): number {
  const weights = leafLayers(model).flatMap(({ layer }) => layer.weights);
  return sum(weights.map((weight) => 4 * weight.read().size));
}

function bytesOf({ variable }: ModelVariable): number {
  return 4 * variable.size;
}
