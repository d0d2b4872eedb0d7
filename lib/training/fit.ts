import { setImmediate as nextTurn } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { TrainingSpec } from '../contracts/training-spec.ts';
import { randomStream } from '../random.ts';
import { balancedWeights, termWeights } from './class-weights.ts';
import { EpochMeter, lossNotFinite } from './epoch-totals.ts';
import { batchRows, type Examples, gatherBatches } from './examples.ts';
import { trainingForward } from './forward.ts';
import { computeGradients } from './gradients.ts';
import { changingVariables, trainableVariables } from './leaf-layers.ts';
import type { Loss } from './losses/loss.ts';
import { accuracyOf } from './metrics/accuracy.ts';
import { buildOptimizer } from './optimizers/build-optimizer.ts';
import { predictLogits } from './predict-logits.ts';
import { rateFactor } from './schedule.ts';
import { restoreSnapshot, type Snapshot, takeSnapshot } from './snapshot.ts';

export interface FitOptions {
  /** Inputs to logits. Layers with `trainable` false stay as they are; a frozen BatchNormalization infers. */
  readonly model: tfl.LayersModel;
  readonly loss: Loss;
  readonly train: Examples;
  readonly validation: Examples;
  readonly training: TrainingSpec;
  /** Of the order of the examples and of Dropout; `training.seed` unless given. */
  readonly seed?: number;
  readonly onEpoch?: (epoch: EpochRecord) => void | Promise<void>;
}

/** One line of the history. Losses contain the penalties of L2; accuracies are shares. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** At the epoch's last step. */
  readonly learningRate: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly validationLoss: number;
  readonly validationAccuracy: number;
}

export interface Fitted {
  readonly history: readonly EpochRecord[];
  /** The epoch, from 1, with the lowest validation loss: the model has its weights. */
  readonly bestEpoch: number;
  /** Whether early stopping ended the training before its last epoch. */
  readonly stoppedEarly: boolean;
}

/**
 * Trains a model, and leaves it with the weights of its best epoch. The same seed gives the same bits on the same runtime.
 * @throws RuntimeError LOSS_NOT_FINITE
 */
export async function fit(options: FitOptions): Promise<Fitted> {
  const { model, loss, train, validation, training, seed = training.seed } = options;
  const { batchSize, epochs, earlyStopping } = training;
  const variables = trainableVariables(model);
  const state = changingVariables(model).map(({ name, variable }) => [name, variable] as const);
  const optimizer = buildOptimizer(training.optimizer, variables);
  const forward = trainingForward(model);
  const classWeights =
    training.classWeights === 'balanced' ? balancedWeights(loss.task, train.classCounts, train.count) : undefined;
  const stepsPerEpoch = Math.ceil(train.count / batchSize);
  const history: EpochRecord[] = [];
  let best: { epoch: number; loss: number; weights: Snapshot } | undefined;
  let stoppedEarly = false;
  try {
    for (let epoch = 1; epoch <= epochs && !stoppedEarly; epoch++) {
      const meter = new EpochMeter(epoch);
      const batches = batchRows(train.count, batchSize, randomStream(seed, 'shuffle', epoch));
      let step = 0;
      let learningRate = 0;
      for await (const batch of gatherBatches(train, batches)) {
        step += 1;
        const validationLosses = history.map(({ validationLoss }) => validationLoss);
        const moment = { step: optimizer.iterations, stepsPerEpoch, epochs, validationLosses };
        learningRate = training.optimizer.learningRate * rateFactor(training.schedule, moment);
        const { outcome, gradients } = computeGradients(
          { model, forward, loss, variables },
          batch,
          termWeights(batch, train.classes, classWeights),
          (layer) => randomStream(seed, 'dropout', epoch, step, layer).seed(),
        );
        optimizer.step(gradients, () => learningRate);
        tf.dispose([...gradients]);
        await meter.add({ outcome, examples: batch.targets.length / train.classes, step, learningRate });
        await nextTurn();
      }
      const totals = await meter.totals();
      const judged = await predictLogits(model, validation, loss);
      if (!Number.isFinite(judged.loss)) throw lossNotFinite(`validation after epoch ${epoch}`, judged.loss, learningRate);
      const record = {
        epoch,
        learningRate,
        loss: totals.loss / totals.examples,
        accuracy: totals.accuracy / totals.examples,
        validationLoss: judged.loss,
        validationAccuracy: accuracyOf(loss.task, judged),
      };
      history.push(record);
      if (best === undefined || judged.loss < best.loss) best = { epoch, loss: judged.loss, weights: await takeSnapshot(state) };
      await options.onEpoch?.(record);
      stoppedEarly = earlyStopping !== null && epoch < epochs && epoch - best.epoch >= earlyStopping.patience;
    }
    if (best !== undefined) restoreSnapshot(best.weights, state);
  } finally {
    optimizer.dispose();
  }
  return { history, bestEpoch: best?.epoch ?? 0, stoppedEarly };
}
