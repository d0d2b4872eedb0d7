import type { JobSpec } from '../contracts/job-spec.ts';
import { augmentSteps } from '../images/augment/presets.ts';
import type { Augmentation } from '../images/augment.ts';

/** The random transforms of the images on which a fine-tuning trains. */
export interface TuningAugmentation {
  readonly augmentation: Augmentation;
  /** Whether strategy `auto` chose them, and leaves the flips out where mirrored images harm. */
  readonly isChosen: boolean;
}

/**
 * Returns the transforms of `fineTuning.augment`, or by default those of `training.augment`. Where a spec has none,
 * strategy `auto` chooses `light`.
 * @param isTuningChosen whether strategy `auto` chose the fine-tuning
 */
export function tuningAugmentation(
  { fineTuning, training }: Pick<JobSpec, 'fineTuning' | 'training'>,
  isTuningChosen: boolean,
): TuningAugmentation {
  if (fineTuning.augment !== 'auto') return { augmentation: fineTuning.augment, isChosen: false };
  const isChosen = isTuningChosen && augmentSteps(training.augment).length === 0;
  return { augmentation: isChosen ? 'light' : training.augment, isChosen };
}
