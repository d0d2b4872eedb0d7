import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { OptimizerSpec } from '../contracts/training-spec.ts';
import type { Log } from '../ports.ts';
import { splitToFit } from '../tensor/split-to-fit.ts';
import { type ClassWeights, termWeights } from './class-weights.ts';
import { type Batch, sliceBatch } from './examples.ts';
import { trainingForward } from './forward.ts';
import { computeGradients } from './gradients.ts';
import { trainableVariables } from './leaf-layers.ts';
import type { Loss } from './losses/loss.ts';
import { buildOptimizer } from './optimizers/build-optimizer.ts';
import type { Optimizer } from './optimizers/optimizer.ts';

/** A model on its way: batches add to a gradient, and an update moves the variables by it. */
export interface Trainer {
  readonly optimizer: Optimizer;
  /**
   * Goes forward and back with one batch. `share` is its part of the examples of the update, so that the gradients of
   * several batches add up to that of all their examples; `seedOf` gives each random layer its seed.
   *
   * A batch for which the device has no room is learnt in parts, of the size that does fit, and adds up to the same gradient; only
   * a BatchNormalization that trains takes its statistics from the parts then, and Dropout draws again for each part.
   * @returns [2]: loss and accuracy of the batch, on the device still; the caller disposes it
   */
  learn(batch: Batch, options: { readonly share?: number; readonly seedOf: (layer: string) => number }): tf.Tensor1D;
  /** Moves the variables by what was learnt since the last update. */
  update(learningRate: number): void;
  dispose(): void;
}

export interface TrainerOptions {
  readonly model: tfl.LayersModel;
  readonly loss: Loss;
  readonly optimizer: OptimizerSpec;
  readonly classWeights?: ClassWeights | undefined;
  /** Names of BatchNormalization layers that infer though their gamma and beta may train. */
  readonly inferring?: ReadonlySet<string> | undefined;
  /** What a layer's learning rate is multiplied by; 1 without it. */
  readonly layerRate?: ((layer: string) => number) | undefined;
  readonly log?: Log | undefined;
}

export function createTrainer(options: TrainerOptions): Trainer {
  const { model, loss, optimizer: spec, classWeights, inferring, layerRate, log = () => {} } = options;
  const variables = trainableVariables(model);
  const optimizer = buildOptimizer(spec, variables);
  const differentiated = { model, loss, variables, forward: trainingForward(model, inferring) };
  const inParts = splitToFit((rows) =>
    log('batch.parts', { rows, because: 'the device has no room for more', batchNormalization: 'statistics of the parts' }),
  );
  let learnt: readonly tf.Tensor[] = [];
  const add = (gradients: readonly tf.Tensor[], share: number): void => {
    const before = learnt;
    // Where there is no room for the sum either, nothing has changed.
    learnt = tf.tidy(() => gradients.map((gradient, i) => tf.add(before[i] ?? 0, tf.mul(gradient, share))));
    tf.dispose([...before]);
  };
  return {
    optimizer,
    learn(batch, { share = 1, seedOf }) {
      const count = batch.targets.length / classesOf(model);
      const outcomes = inParts(count, (start, end): tf.Tensor1D => {
        const part = (end - start) / count;
        const rows = part === 1 ? batch : sliceBatch(batch, start, end, count);
        // Parts of one seed would drop the same places.
        const seed = start === 0 ? seedOf : (layer: string) => seedOf(`${layer}/${start}`);
        const { outcome, gradients } = computeGradients(differentiated, rows, termWeights(rows, classWeights), seed);
        if (part * share === 1) {
          learnt = gradients;
          return outcome;
        }
        try {
          add(gradients, part * share);
          return tf.mul<tf.Tensor1D>(outcome, part);
        } finally {
          tf.dispose([...gradients, outcome]);
        }
      });
      const [whole, ...others] = outcomes;
      if (whole !== undefined && others.length === 0) return whole;
      const sum = tf.tidy(() => tf.addN<tf.Tensor1D>(outcomes));
      tf.dispose(outcomes);
      return sum;
    },
    update(learningRate) {
      optimizer.step(learnt, ({ layer }) => learningRate * (layerRate?.(layer) ?? 1));
      tf.dispose([...learnt]);
      learnt = [];
    },
    dispose() {
      tf.dispose([...learnt]);
      optimizer.dispose();
    },
  };
}

function classesOf({ outputs }: tfl.LayersModel): number {
  return outputs[0]?.shape.at(-1) ?? 1;
}
