/** Trains heads of a recipe that score only images that they were not trained on. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TrainingSpec } from '../contracts/training-spec.ts';
import type { Fold } from '../datasets/splits/assign-folds.ts';
import { freeVariables } from '../tensor/free-variables.ts';
import { type Examples, gatherRows, subsetOf } from '../training/examples.ts';
import { fit } from '../training/fit.ts';
import { EXCLUDED, parallelLoss } from '../training/losses/loss.ts';
import { foldLogits } from '../training/metrics/labelled-logits.ts';
import { predictLogits } from '../training/predict-logits.ts';
import type { TrainedNetwork } from './network.ts';
import { trialCheckpoints } from './once-per-trial.ts';
import { layerNames } from './open-network.ts';
import { openTrainable } from './open-trainable.ts';
import { lossOf, type TrainingContext } from './training-context.ts';

export interface FoldHeads {
  readonly folds: readonly Fold[];
  /** All training and validation images; the folds are rows of these. */
  readonly examples: Examples;
  readonly training: TrainingSpec;
  /** As in FitOptions. */
  readonly plateauLosses?: readonly number[];
  /** Makes a head with this number of outputs. */
  readonly newHead: (outputs: number) => LayersModel;
  /** Called after each epoch. */
  readonly report: () => void;
}

/**
 * Trains a linear head for each fold, all of them as columns of one kernel: a step costs little more than a step of one
 * head.
 * @returns for each fold the logits of its validation rows, float32 [rows, classes]
 * @throws as fit
 */
export async function scoreInParallel(
  { folds, examples, training, plateauLosses, newHead, report }: FoldHeads,
  context: TrainingContext,
): Promise<Float32Array[]> {
  const { job, world, jobContext } = context;
  const { classes } = examples;
  const columns = folds.length * classes;
  const train = repeated(examples, folds);
  const loss = parallelLoss(
    lossOf(job),
    folds.map((fold) => fold.train.length / examples.count),
  );
  const model = newHead(columns);
  const network = await openTrainable({ model, trainable: layerNames(model), loss }, context);
  await fit({
    network,
    loss,
    train,
    // No epoch is chosen, and no schedule follows its loss, so one validation example is enough.
    validation: subsetOf(train, [0]),
    training,
    ...(plateauLosses && { plateauLosses }),
    checkpoints: {
      store: trialCheckpoints('calibration', context),
      clock: world.clock,
      everyMinutes: training.checkpointMinutes,
    },
    onEpoch: report,
    keep: 'last',
    yieldToEventLoop: jobContext.flush,
    signal: jobContext.signal,
    log: world.log,
  });
  const { logits } = await predictLogits(network, train, loss);
  const leftOut = folds.map(({ validation }) => validation);
  return foldLogits(logits, leftOut, classes);
}

/**
 * Trains a head of any kind for each fold, one after the other.
 * @returns as scoreInParallel @throws as trainPhases
 */
export async function scoreByRetraining(
  {
    retrain,
    trainAndValidation,
    folds,
    report,
  }: {
    readonly retrain: TrainedNetwork['retrain'];
    readonly trainAndValidation: Examples;
    readonly folds: readonly Fold[];
    readonly report: () => void;
  },
  { job }: TrainingContext,
): Promise<Float32Array[]> {
  const loss = lossOf(job);
  const scores: Float32Array[] = [];
  for (const [fold, rows] of folds.entries()) {
    const logits = await freeVariables(async () => {
      const { network } = await retrain({ name: `calibration-${fold}`, rows, report });
      return (await predictLogits(network, subsetOf(trainAndValidation, rows.validation), loss)).logits;
    });
    scores.push(logits);
  }
  return scores;
}

/**
 * The examples with their targets repeated for each fold. Targets of the folds that an example validates are marked as
 * left out.
 */
function repeated(examples: Examples, folds: readonly Fold[]): Examples {
  const { count, classes } = examples;
  const columns = folds.length * classes;
  const targets = new Float32Array(count * columns);
  for (let row = 0; row < count; row++) {
    const own = examples.targets.subarray(row * classes, (row + 1) * classes);
    for (const fold of folds.keys()) targets.set(own, row * columns + fold * classes);
  }
  for (const [fold, { validation }] of folds.entries())
    for (const row of validation) targets.fill(EXCLUDED, row * columns + fold * classes, row * columns + (fold + 1) * classes);
  return {
    ...examples,
    classes: columns,
    classCounts: folds.flatMap(() => examples.classCounts),
    targets,
    gather: async (rows, epoch) => ({ ...(await examples.gather(rows, epoch)), targets: gatherRows(targets, columns, rows) }),
  };
}
