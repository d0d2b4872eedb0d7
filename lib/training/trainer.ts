import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { OptimizerSpec } from '../contracts/training-spec.ts';
import { type ClassWeights, termWeights } from './class-weights.ts';
import type { Batch } from './examples.ts';
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
}

export function createTrainer({ model, loss, optimizer: spec, classWeights, inferring, layerRate }: TrainerOptions): Trainer {
  const variables = trainableVariables(model);
  const optimizer = buildOptimizer(spec, variables);
  const differentiated = { model, loss, variables, forward: trainingForward(model, inferring) };
  let learnt: readonly tf.Tensor[] = [];
  return {
    optimizer,
    learn(batch, { share = 1, seedOf }) {
      const { outcome, gradients } = computeGradients(differentiated, batch, termWeights(batch, classWeights), seedOf);
      if (share === 1) {
        learnt = gradients;
      } else {
        const before = learnt;
        learnt = tf.tidy(() => gradients.map((gradient, i) => tf.add(before[i] ?? 0, tf.mul(gradient, share))));
        tf.dispose([...before, ...gradients]);
      }
      return outcome;
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
