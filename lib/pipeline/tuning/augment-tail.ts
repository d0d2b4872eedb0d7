/** Chooses the random transforms of the images on which a fine-tuning trains. */
import { evidenceKeys } from '../../contracts/strategy-evidence.ts';
import type { TuningPlan } from '../../freezing/plan-strategy.ts';
import { tuningAugmentation } from '../../freezing/tuning-augmentation.ts';
import { augmentSteps } from '../../images/augment/presets.ts';
import { compareMirrored, type MirrorComparison } from '../comparisons/compare-mirrored.ts';
import { describeHeadGain } from '../comparisons/score-frozen-head.ts';
import { gainNumbers, withEvidence, withSentence } from '../extend-strategy.ts';
import type { TrainingContext } from '../training-context.ts';

/** By how many standard errors mirrored images must raise the loss of a head before a fine-tuning does without them. */
const STANDARD_ERRORS = 2;

/**
 * Sets the random transforms of a fine-tuning's training images. Where strategy `auto` chooses them, it mirrors images
 * unless mirrored ones raise the loss of a linear head by more than two standard errors, or nothing could show that. A
 * frozen backbone knows mirrored images from its own training, so that a head gains little by them where a fine-tuning
 * does.
 * @throws as compareMirrored
 */
export async function augmentTail(plan: TuningPlan, context: TrainingContext): Promise<TuningPlan> {
  const facts = { chosenBy: plan.chosenBy, trainingImages: context.split.train.length };
  const { augmentation, isAutoAugmentation } = tuningAugmentation(context.job.spec, facts);
  if (!isAutoAugmentation) return { ...plan, augment: { augmentation, isAutoAugmentation } };
  const mirror = await compareMirrored(context);
  const isHarmful = mirror === undefined || mirror.gain < -STANDARD_ERRORS * mirror.standardError;
  const steps = augmentSteps(augmentation);
  const augment = { augmentation: isHarmful ? steps.filter(({ transform }) => transform !== 'flip') : steps, isAutoAugmentation };
  return explained({ ...plan, augment }, mirror, isHarmful);
}

/** Says what mirrored images gain a linear head, if they were compared. */
function explained(plan: TuningPlan, mirror: MirrorComparison | undefined, isHarmful: boolean): TuningPlan {
  if (mirror === undefined) return plan;
  const numbers = gainNumbers(evidenceKeys.mirrorGain, mirror);
  if (!isHarmful) return withEvidence(plan, numbers);
  return withSentence(plan, `Fine-tuning does not mirror images: mirrored ones raise ${describeHeadGain(mirror)}.`, numbers);
}

/** Says on how many random variants of each image a fine-tuning trained. */
export function trainedOnVariants(plan: TuningPlan, count: number): TuningPlan {
  const numbers = { variants: count };
  if (count === 0) return withEvidence(plan, numbers);
  const variants = count === 1 ? 'a random variant' : `${count} random variants`;
  return withSentence(plan, `Fine-tuning also trained on ${variants} of each image.`, numbers);
}
