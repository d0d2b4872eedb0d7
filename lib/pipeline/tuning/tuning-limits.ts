/** What a fine-tuning that strategy `auto` chose has time for, within its budget and the job's limit. */
import { VARIANTS_SHARE } from '../../freezing/tuning-augmentation.ts';
import { timeLeft } from '../../jobs/time-limit.ts';
import type { TrainingContext } from '../training-context.ts';
import type { TuningTimes } from './tuning-times.ts';

/** Margin for steps that take longer at another time. */
const RESERVE_FACTOR = 1.3;

/**
 * The reason why there is no time for a fine-tuning, or undefined if there is time. Without enough time, retraining on
 * all images is left out first.
 * @param spent seconds of fine-tuning so far
 * @param what needs the time
 */
export function timeExhaustedFor(needed: TuningTimes, spent: number, context: TrainingContext, what = 'it'): string | undefined {
  const overBudget = budgetExceededBy(needed, spent, context);
  if (overBudget !== undefined) return overBudget;
  const whole = needed.training + needed.crossValidation;
  if (hasTime(whole, needed, context)) return undefined;
  const left = Math.max(0, secondsLeft(context) - needed.reserve);
  return `${what} would take ${minutes(whole)} here, and ${limitOf(context)} leaves ${minutes(left)}`;
}

/** The reason why a fine-tuning would exceed `fineTuning.budgetMinutes`, or undefined if it does not. */
export function budgetExceededBy(
  { training, crossValidation, retraining }: Pick<TuningTimes, 'training' | 'crossValidation' | 'retraining'>,
  spent: number,
  { job: { spec } }: TrainingContext,
): string | undefined {
  const { budgetMinutes } = spec.fineTuning;
  const seconds = training + crossValidation + (spec.training.refit ? retraining : 0);
  if (spent + seconds <= budgetMinutes * 60) return undefined;
  const before = spent === 0 ? '' : ` after ${minutes(spent)} of fine-tuning`;
  return `it would take ${minutes(seconds)} here${before}, more than fineTuning.budgetMinutes (${budgetMinutes}) allows`;
}

/**
 * What leaves no time for another epoch of a fine-tuning: `fineTuning.budgetMinutes`, as far as the epochs have taken
 * longer than estimated, or the job's limit. Undefined if there is time.
 * @param needed for an epoch, and for what follows if it is the last
 * @param spent seconds of fine-tuning so far
 */
export function limitForEpoch(needed: TuningTimes, spent: number, context: TrainingContext): string | undefined {
  const { epoch: training, crossValidation, retraining } = needed;
  const { fineTuning } = context.job.spec;
  if (budgetExceededBy({ training, crossValidation, retraining }, spent, context) !== undefined)
    return `fineTuning.budgetMinutes (${fineTuning.budgetMinutes})`;
  return hasTime(training + crossValidation, needed, context) ? undefined : limitOf(context);
}

/** Whether this work, and the steps that must follow it, end before the job's limit. @param seconds of the work */
export function hasTime(seconds: number, { reserve }: Pick<TuningTimes, 'reserve'>, context: TrainingContext): boolean {
  return seconds * RESERVE_FACTOR + reserve <= secondsLeft(context);
}

/** The progress of a comparison by cross-validation. */
interface FoldProgress {
  /** Into which the images are divided. */
  readonly folds: number;
  /** Folds whose scores are stored. */
  readonly done: number;
}

/**
 * For how many folds the fine-tuning can be repeated within `fineTuning.budgetMinutes` and the job's limit, including
 * everything that follows.
 * @param folds into which the images are divided
 */
export function foldsWithinBudget(needed: TuningTimes, folds: number, context: TrainingContext): number {
  const { fineTuning, training } = context.job.spec;
  const following = needed.crossValidation + (training.refit ? needed.retraining : 0);
  return largestThatFits(folds, (count) => {
    const ofFolds = count * secondsOfFold(needed, folds);
    const isWithinBudget = needed.training + ofFolds + following <= fineTuning.budgetMinutes * 60;
    return isWithinBudget && hasTime(ofFolds + following, needed, context);
  });
}

/**
 * How many folds of a comparison that has begun have scores before the job's limit, including what must follow.
 * Retraining on all images may be left out.
 */
export function foldsWithinLimit(needed: TuningTimes, { folds, done }: FoldProgress, context: TrainingContext): number {
  const others = largestThatFits(folds - done, (count) =>
    hasTime(count * secondsOfFold(needed, folds) + needed.crossValidation, needed, context),
  );
  return done + others;
}

/**
 * How many random variants of each image can be computed in a share of `fineTuning.budgetMinutes`, in the time that the
 * planned fine-tuning leaves, with what must follow.
 * @param ofEach seconds to compute one variant of each image
 * @param before seconds of what must be computed before the first variant
 * @param spent seconds of fine-tuning so far
 */
export function variantsWithinLimits(
  needed: TuningTimes,
  { most, ofEach, before, spent }: Readonly<Record<'most' | 'ofEach' | 'before' | 'spent', number>>,
  context: TrainingContext,
): number {
  const { fineTuning, training } = context.job.spec;
  const following = needed.training + needed.crossValidation + (training.refit ? needed.retraining : 0);
  return largestThatFits(most, (count) => {
    const seconds = before + count * ofEach;
    return (
      seconds <= VARIANTS_SHARE * fineTuning.budgetMinutes * 60 &&
      budgetExceededBy(needed, spent + seconds, context) === undefined &&
      hasTime(seconds + following, needed, context)
    );
  });
}

/** The largest number up to `most` that fits; 0 if none does. */
function largestThatFits(most: number, fits: (count: number) => boolean): number {
  let count = most;
  while (count > 0 && !fits(count)) count--;
  return count;
}

/** To train on all images but those of the fold. */
function secondsOfFold({ retraining }: TuningTimes, folds: number): number {
  return (retraining * (folds - 1)) / folds;
}

/** Says that the limit leaves no time to retrain on training and validation images. */
export function noTimeToRetrain(context: TrainingContext): string {
  return `${limitOf(context)} leaves no time to retrain on training and validation images`;
}

/** The limit that the job reaches first. */
function limitOf({ job, world }: TrainingContext): string {
  const { at = 'compute.maxMinutes' } = timeLeft(job, world.clock.now()) ?? {};
  return at === 'compute.maxMinutes' ? `${at} (${job.spec.compute.maxMinutes})` : at;
}

function secondsLeft({ jobContext }: TrainingContext): number {
  return jobContext.secondsLeft?.() ?? Number.POSITIVE_INFINITY;
}

function minutes(seconds: number): string {
  return `${Number((seconds / 60).toPrecision(2))} minutes`;
}
