import type { JobSpec } from '../contracts/job-spec.ts';
import { augmentSteps } from '../images/augment/presets.ts';
import type { Augmentation } from '../images/augment.ts';
import { FEW } from './choose-strategy.ts';
import type { ChosenBy } from './cut-plan.ts';

/**
 * The share of `fineTuning.budgetMinutes` that the features of variants may take, at each cut: the rest is for training on
 * them.
 */
export const VARIANTS_SHARE = 0.25;

/** The random transforms of the images on which a fine-tuning trains. */
export interface TuningAugmentation {
  readonly augmentation: Augmentation;
  /** Whether strategy `auto` chose them, and leaves the flips out where mirrored images harm. */
  readonly isAutoAugmentation: boolean;
}

/** Who chose a fine-tuning, and on how many images. */
interface TuningFacts {
  readonly chosenBy: ChosenBy;
  readonly trainingImages: number;
}

/**
 * Returns the transforms of `fineTuning.augment`, or by default those of `training.augment`. Where a spec has none,
 * strategy `auto` chooses `light`, unless there are few images: with five steps an epoch, changed ones raised the
 * validation loss.
 */
export function tuningAugmentation(
  { fineTuning, training }: Pick<JobSpec, 'fineTuning' | 'training'>,
  { chosenBy, trainingImages }: TuningFacts,
): TuningAugmentation {
  if (fineTuning.augment !== 'auto') return { augmentation: fineTuning.augment, isAutoAugmentation: false };
  const isAutoAugmentation = chosenBy === 'auto' && trainingImages >= FEW && augmentSteps(training.augment).length === 0;
  return { augmentation: isAutoAugmentation ? 'light' : training.augment, isAutoAugmentation };
}
