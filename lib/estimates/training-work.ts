import type { PassCost } from '../calibration/pass-seconds.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { SWEEP_STEPS } from '../contracts/training-spec.ts';
import { type CutPlan, trainedStages } from '../freezing/cut-plan.ts';
import { unfreezingEpochs } from '../freezing/unfreezing-epochs.ts';
import { isConvex } from '../heads/calibration-folds.ts';
import { splitPooling } from '../heads/split-pooling.ts';

/** How many epochs a training may have: early stopping and the best epoch decide. */
export interface Epochs {
  readonly least: number;
  readonly expected: number;
  readonly most: number;
}

/** A network that trains. */
export interface TrainingWork {
  /** Forward, for one image. */
  readonly pass: PassCost;
  /** Parameters that train. */
  readonly trained: number;
  readonly images: number;
  /** Images that judge each epoch. */
  readonly judged: number;
  readonly batchSize: number;
  readonly epochs: Epochs;
  /** Whether images are decoded again in each epoch. */
  readonly decodes: boolean;
  /** Whether nothing but a head trains. */
  readonly headOnly: boolean;
  /** Whether strategy `auto` does without it where it would take longer than it may. */
  readonly optional: boolean;
}

/** Of the epochs that a training with early stopping may have, those that it usually has. */
const USUAL_SHARE = 0.6;

/** Images, by what they are for. */
export interface SplitImages {
  readonly learnt: number;
  readonly judged: number;
}

/** Of a head on frozen features. */
export function trainingOfHead(
  { training }: JobSpec,
  head: { pass: PassCost; parameters: number },
  split: SplitImages,
): TrainingWork {
  const { batchSize, epochs, earlyStopping, findLearningRate } = training;
  return {
    pass: head.pass,
    trained: head.parameters,
    images: split.learnt,
    judged: split.judged,
    batchSize,
    epochs: plusSweep(epochRange(epochs, earlyStopping?.patience), findLearningRate, split.learnt / batchSize),
    decodes: false,
    headOnly: true,
    optional: false,
  };
}

/** Of the layers behind a cut, with their head. */
export function trainingOfTail(
  { training, fineTuning, backbone }: JobSpec,
  pass: PassCost & { readonly parameters: number },
  split: SplitImages,
  { plan, warmedUp, optional }: { readonly plan: CutPlan; readonly warmedUp: boolean; readonly optional: boolean },
): TrainingWork {
  const { epochs, earlyStopping } = warmedUp ? fineTuning : training;
  const unfreezing = unfreezingEpochs(fineTuning, trainedStages(plan, backbone).length, !warmedUp);
  const { least, expected, most } = epochRange(epochs, earlyStopping?.patience);
  return {
    pass,
    trained: pass.parameters,
    images: split.learnt,
    judged: split.judged,
    batchSize: training.batchSize,
    epochs: plusSweep(
      { least: least + unfreezing, expected: expected + unfreezing, most: most + unfreezing },
      training.findLearningRate && !warmedUp,
      split.learnt / training.batchSize,
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

/** A sweep that looks for the learning rate, in epochs. */
function plusSweep({ least, expected, most }: Epochs, sweeps: boolean, stepsAnEpoch: number): Epochs {
  const sweep = sweeps ? SWEEP_STEPS / Math.max(1, stepsAnEpoch) : 0;
  return { least: least + sweep, expected: expected + sweep, most: most + sweep };
}

/** A linear head with L2 is trained again to its end, anything else for as many epochs as did it good. */
export function refitEpochs({ head }: JobSpec, { epochs, headOnly }: TrainingWork): Pick<TrainingWork, 'epochs'> {
  const trainsToEnd = headOnly && isConvex(splitPooling(head).head);
  return { epochs: trainsToEnd ? { least: epochs.most, expected: epochs.most, most: epochs.most } : epochs };
}
