import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { TermWeights } from '../class-weights.ts';
import type { Batch } from '../examples.ts';
import type { ModelVariable } from '../layers-model/leaf-layers.ts';
import { classCount, exampleShape } from '../layers-model/model-shape.ts';
import type { Loss, Task } from '../losses/loss.ts';
import type { TrainingForward } from './forward.ts';
import { meanLoss } from './losses/mean-loss.ts';
import { penalties } from './penalties.ts';

/** What to differentiate: a model, its forward pass, its loss, and the variables. */
export interface Differentiated {
  readonly model: tfl.LayersModel;
  readonly forward: TrainingForward;
  readonly loss: Loss;
  readonly variables: readonly ModelVariable[];
}

/** The gradients of one batch. The caller disposes the tensors. */
export interface BatchGradients {
  /** In the order of the variables. */
  readonly gradients: readonly tf.Tensor[];
  /** [2]: the loss with its penalties, and the accuracy, of the batch in training mode; still on the device. */
  readonly outcome: tf.Tensor1D;
}

/**
 * One forward and one backward pass. `seedOf` gives each random layer the seed of this pass.
 * @throws errors of the runtime, such as out of memory; no tensor stays allocated then
 */
export function computeGradients(
  differentiated: Differentiated,
  batch: Batch,
  weights: TermWeights | undefined,
  seedOf: (layer: string) => number,
): BatchGradients {
  try {
    return tf.tidy(() => forwardAndBack(differentiated, batch, weights, seedOf));
  } catch (error) {
    freeTape();
    throw error;
  }
}

function forwardAndBack(
  { model, forward, loss, variables }: Differentiated,
  { inputs, targets }: Batch,
  weights: TermWeights | undefined,
  seedOf: (layer: string) => number,
): { outcome: tf.Tensor1D; gradients: tf.Tensor[] } {
  const classes = classCount(model);
  const count = targets.length / classes;
  let accuracy: tf.Scalar | undefined;
  const forwardLoss = (): tf.Scalar => {
    const logits = forward(tf.tensor(inputs, [count, ...exampleShape(model)]), seedOf);
    const wanted = tf.tensor2d(targets, [count, classes]);
    accuracy = tf.keep(batchAccuracy(loss.task, logits, wanted));
    const terms = meanLoss(loss, logits, wanted, weights && tf.tensor2d(weights.values, [count, weights.columns]));
    return penalties(model).reduce((sum, penalty) => tf.add(sum, penalty), terms);
  };
  try {
    const { value, grads } = tf.variableGrads(
      forwardLoss,
      variables.map(({ variable }) => variable),
    );
    const outcome = tf.reshape<tf.Rank.R1>(tf.stack([value, accuracy ?? 0]), [2]);
    return { outcome, gradients: variables.map(({ variable }) => grads[variable.name] ?? tf.zerosLike(variable)) };
  } finally {
    // Kept tensors outlive the surrounding tidy.
    tf.dispose(accuracy ?? 0);
  }
}

/**
 * TF.js keeps tensors for the backward pass, and does not free them if the forward pass fails, which would fill a
 * device's memory.
 */
function freeTape(): void {
  const { state } = tf.engine();
  for (const { saved } of state.activeTape ?? []) tf.dispose(saved ?? []);
  state.activeTape = [];
}

/** Single-label: the share of examples whose largest logit is right. Multi-label: of decisions at probability 0.5. */
function batchAccuracy(task: Task, logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => {
    const right =
      task === 'single-label'
        ? tf.equal(tf.argMax(logits, -1), tf.argMax(targets, -1))
        : tf.equal(tf.greater(logits, 0), tf.greater(targets, 0.5));
    return tf.mean(tf.cast(right, 'float32'));
  });
}
