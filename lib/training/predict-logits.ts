import { setImmediate as nextTurn } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { batchRows, type Examples, gatherBatches } from './examples.ts';
import { inferenceForward } from './forward.ts';
import { type Loss, meanLoss } from './losses/loss.ts';
import type { LabelledLogits } from './metrics/labelled-logits.ts';

/** A model's answers to examples, row after row, and its loss on them. */
export interface Predictions extends LabelledLogits {
  /** The mean loss, each example with its own weight, without penalties. */
  readonly loss: number;
}

/** Values of the inputs of a batch that is only judged: 27 images of 224 pixels. What lies between takes some times as much. */
const INPUT_VALUES = 2 ** 22;

/** How many examples are judged at once: enough to be fast, and no more than training has room for. */
export function evaluationBatchSize(inputShape: readonly number[]): number {
  const size = inputShape.reduce((product, dimension) => product * dimension, 1);
  return Math.min(256, Math.max(1, Math.floor(INPUT_VALUES / size)));
}

/** Runs a model on examples in inference mode, in their order. `between` two batches other work of the process may run. */
export async function predictLogits(
  model: tfl.LayersModel,
  examples: Examples,
  loss: Loss,
  {
    batchSize = batchSizeFor(examples.inputShape),
    between = nextTurn,
  }: { readonly batchSize?: number; readonly between?: () => Promise<unknown> } = {},
): Promise<Predictions> {
  const { count, classes, inputShape } = examples;
  const logits = new Float32Array(count * classes);
  const targets = new Float32Array(count * classes);
  let sum = 0;
  let row = 0;
  for await (const batch of gatherBatches(examples, batchRows(count, batchSize))) {
    const rows = batch.targets.length / classes;
    const [answers, mean] = tf.tidy(() => {
      const output = inferenceForward(model, tf.tensor(batch.inputs, [rows, ...inputShape]));
      const wanted = tf.tensor2d(batch.targets, [rows, classes]);
      return [output, meanLoss(loss, output, wanted, batch.weights && tf.tensor2d(batch.weights, [rows, 1]))];
    });
    logits.set(await answers.data<'float32'>(), row * classes);
    targets.set(batch.targets, row * classes);
    sum += Number((await mean.data())[0]) * rows;
    row += rows;
    tf.dispose([answers, mean]);
    await between();
  }
  return { task: loss.task, count, classes, logits, targets, loss: sum / count };
}

/** Input values of one batch: what lies between the layers is several times as much. */
const BATCH_VALUES = 4 * 2 ** 20;
const LARGEST_BATCH = 256;

function batchSizeFor(inputShape: readonly number[]): number {
  const values = inputShape.reduce((product, size) => product * size, 1);
  return Math.max(1, Math.min(LARGEST_BATCH, Math.floor(BATCH_VALUES / values)));
}
