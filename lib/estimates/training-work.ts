import type { PassCost } from '../calibration/pass-seconds.ts';
import type { FineTuningSpec, JobSpec } from '../contracts/job-spec.ts';
import { SWEEP_STEPS } from '../contracts/training-spec.ts';
import { type CutPlan, trainedStages } from '../freezing/cut-plan.ts';
import { isConvex } from '../heads/head-properties.ts';
import { splitPooling } from '../heads/split-pooling.ts';

/** The possible numbers of epochs of a training; early stopping and the best epoch decide. */
export interface Epochs {
  readonly least: number;
  readonly expected: number;
  readonly most: number;
}

/** The training of a network. */
export interface TrainingWork {
  /** Forward pass for one image. */
  readonly pass: PassCost;
  /** Number of parameters that train. */
  readonly trained: number;
  readonly images: number;
  /** Number of images to evaluate each epoch on. */
  readonly validationImages: number;
  readonly batchSize: number;
  readonly epochs: Epochs;
  /** Whether images are decoded again in each epoch. */
  readonly decodes: boolean;
  /** Whether only a head trains. */
  readonly headOnly: boolean;
  /** Whether strategy `auto` leaves it out if it would take too long. */
  readonly optional: boolean;
}

/** The usual share of the epochs that a training with early stopping runs. */
const USUAL_SHARE = 0.6;

/** Numbers of images in the splits. */
export interface SplitImages {
  readonly train: number;
  readonly validation: number;
}

/** The training of a head on frozen features. */
export function trainingOfHead(
  { training }: JobSpec,
  head: { pass: PassCost; parameters: number },
  split: SplitImages,
): TrainingWork {
  const { batchSize, epochs, earlyStopping, findLearningRate } = training;
  return {
    pass: head.pass,
    trained: head.parameters,
    images: split.train,
    validationImages: split.validation,
    batchSize,
    epochs: plusSweep(epochRange(epochs, earlyStopping?.patience), findLearningRate, split.train / batchSize),
    decodes: false,
    headOnly: true,
    optional: false,
  };
}

/** The training of the layers after a cut, with their head. */
export function trainingOfTail(
  { training, fineTuning, backbone }: JobSpec,
  pass: PassCost & { readonly parameters: number },
  split: SplitImages,
  { plan, optional }: { readonly plan: CutPlan; readonly optional: boolean },
): TrainingWork {
  const headIsTrained = plan.trains === 'head-then-tail';
  const { epochs, earlyStopping } = headIsTrained ? fineTuning : training;
  const unfreezing = unfreezingEpochs(fineTuning, trainedStages(plan, backbone).length, !headIsTrained);
  const { least, expected, most } = epochRange(epochs, earlyStopping?.patience);
  return {
    pass,
    trained: pass.parameters,
    images: split.train,
    validationImages: split.validation,
    batchSize: training.batchSize,
    epochs: plusSweep(
      { least: least + unfreezing, expected: expected + unfreezing, most: most + unfreezing },
      training.findLearningRate && !headIsTrained,
      split.train / training.batchSize,
    ),
    decodes: plan.cut === 'images',
    headOnly: false,
    optional,
  };
}

function epochRange(epochs: number, patience: number | undefined): Epochs {
  if (patience === undefined) return { least: epochs, expected: epochs, most: epochs };
  const least = Math.min(epochs, patience + 1);
  return { least, expected: Math.max(least, Math.ceil(epochs * USUAL_SHARE)), most: epochs };
}

/** Adds the sweep that finds the learning rate, in epochs. */
function plusSweep({ least, expected, most }: Epochs, sweeps: boolean, stepsAnEpoch: number): Epochs {
  const sweep = sweeps ? SWEEP_STEPS / Math.max(1, stepsAnEpoch) : 0;
  return { least: least + sweep, expected: expected + sweep, most: most + sweep };
}

/** A head with a convex loss is retrained to convergence, any other network for the best number of epochs. */
export function retrainEpochs({ head, training }: JobSpec, { epochs, headOnly }: TrainingWork): Pick<TrainingWork, 'epochs'> {
  const trainsToEnd = headOnly && isConvex(splitPooling(head).head, training);
  return { epochs: trainsToEnd ? { least: epochs.most, expected: epochs.most, most: epochs.most } : epochs };
}

/**
 * The most epochs that gradual unfreezing adds before all stages train.
 * @param stages that train; the head is unfrozen with the first of them, unless it is new and trains before
 */
function unfreezingEpochs(
  { gradualUnfreezing }: Pick<FineTuningSpec, 'gradualUnfreezing'>,
  stages: number,
  headIsNew = false,
): number {
  return (gradualUnfreezing?.epochsPerStage ?? 0) * Math.max(0, headIsNew ? stages : stages - 1);
}
