import { z } from 'zod';
import { Trial } from '../contracts/search-spec.ts';
import { compareLosses, type ImageLosses } from '../search/choose-trial.ts';
import type { TrainingContext } from './training-context.ts';

/** The result of a trial with its losses, which the card does not have. */
export const TrialOutcome = z.strictObject({
  trial: Trial,
  /** For each scored image, its row in the data set and its loss. */
  losses: z.array(z.tuple([z.int(), z.number()])),
  /** The same for the validation images alone, if more images were scored. */
  validationLosses: z.array(z.tuple([z.int(), z.number()])).optional(),
});
export type TrialOutcome = z.infer<typeof TrialOutcome>;

/** What the training of a trial adds to its outcome. */
export type TrialScores = Omit<Trial, 'trial' | 'rung' | 'rungs' | 'share' | 'values'> & Omit<TrialOutcome, 'trial'>;

/**
 * The outcome with its gain over the default, on the images that both scored.
 * @param reference of the default on the same rung; undefined for the default itself
 */
export function compareWithDefault(
  outcome: TrialOutcome,
  reference: TrialOutcome | undefined,
  dataset: TrainingContext['dataset'],
): TrialOutcome {
  if (reference === undefined || outcome.losses.length === 0 || reference.losses.length === 0) return outcome;
  // If layers of the backbone train, there are only scores of the validation images.
  const both = outcome.trial.scores === reference.trial.scores;
  const of = ({ losses, validationLosses }: TrialOutcome): ImageLosses => new Map(both ? losses : (validationLosses ?? losses));
  const { gain, standardError, images } = compareLosses(of(outcome), of(reference), dataset);
  const found = { images, gain, ...(Number.isFinite(standardError) && { standardError }) };
  return { ...outcome, trial: { ...outcome.trial, ...found } };
}
