import type { EpochRecord } from '../contracts/model-card.ts';
import { deviceError } from '../tensor/device-error.ts';
import { Checkpointer } from './checkpoints/checkpointer.ts';
import { classWeightsFor } from './class-weights.ts';
import type { FitOptions } from './fit-options.ts';
import { bestEpoch, isFinished } from './history.ts';
import { nameOfLoss } from './losses/loss.ts';
import { trainEpoch } from './train-epoch.ts';

export type { EpochRecord };

export interface Fitted {
  readonly history: readonly EpochRecord[];
  /** The epoch, from 1, with the lowest validation loss, whose weights the model has. */
  readonly bestEpoch: number;
  /** Whether early stopping or `mayContinue` ended the training before its last epoch. */
  readonly stoppedEarly: boolean;
}

/**
 * Trains a model and restores the weights of its best epoch, unless `keep` says otherwise. The same seed gives the same
 * bits on the same runtime, however often it was interrupted.
 * @throws RuntimeError LOSS_NOT_FINITE or WEIGHTS_NOT_FINITE; the last good checkpoint is kept
 * @throws RuntimeError TRAINING_INTERRUPTED, retryable, if `signal` was aborted
 * @throws RuntimeError DEVICE_LOST, retryable: another attempt continues from the last checkpoint; CapacityError
 * DEVICE_OUT_OF_MEMORY if not even one example fits
 * @throws ConflictError CHECKPOINT_MISMATCH; SpecError CLASS_WEIGHT_LABEL
 * @example
 * ```ts
 * const engine = await startEngine();
 * const { history, bestEpoch } = await fit({ network: await engine.open(model), loss, train, validation, training });
 * ```
 */
export async function fit(options: FitOptions): Promise<Fitted> {
  try {
    return await train(options);
  } catch (error) {
    throw deviceError(error);
  }
}

/** Trains as `fit` does. @throws the errors of the tensor runtime as they are */
async function train(options: FitOptions): Promise<Fitted> {
  const {
    network,
    loss,
    train: examples,
    training,
    seed = training.seed,
    labels = [],
    inferring,
    layerRate,
    checkpoints,
    keep = 'best',
    mayContinue = () => true,
  } = options;
  const classWeights = classWeightsFor(training.classWeights, { task: loss.task, examples, labels });
  const trainer = network.openTrainer({
    loss,
    optimizer: training.optimizer,
    classWeights,
    inferring,
    layerRate,
    log: options.log,
  });
  const state = { network, trainer };
  const checkpointer =
    checkpoints && new Checkpointer({ ...checkpoints, run: describeRun(options, seed), log: options.log ?? (() => {}) });
  try {
    let { progress, best } = (await checkpointer?.resume(state)) ?? { progress: beginning, best: undefined };
    while (!isFinished(progress.history, training)) {
      const isAllowed = mayContinue(progress.history.length);
      // An epoch that an earlier attempt has begun is finished, because its first half is in the weights already.
      if (!isAllowed && progress.batches === 0) break;
      ({ progress, best } = await trainEpoch({ ...options, seed, trainer, checkpointer, progress, best }));
    }
    await checkpointer?.settle();
    if (best !== undefined && keep === 'best') network.restore(best);
    const { history } = progress;
    return { history, bestEpoch: bestEpoch(history), stoppedEarly: history.length < training.epochs };
  } finally {
    await checkpointer?.settle().catch(() => {});
    trainer.close();
  }
}

const beginning = { history: [], batches: 0, totals: { examples: 0, loss: 0, accuracy: 0 }, iterations: 0 };

/**
 * What tells trainings of one name apart, so that a checkpoint of another one is not used. The job fixes the rows, the
 * initial weights, and the rates of layers.
 */
function describeRun({ network, loss, train, validation, training, plateauLosses }: FitOptions, seed: number): string {
  const variables = network.changing().map(({ name, shape }) => `${name}[${shape}]`);
  const counts = { train: train.count, validation: validation.count };
  return JSON.stringify({ variables, loss: nameOfLoss(loss), ...counts, training, seed, plateauLosses });
}
