import type { Trial } from '../contracts/search-spec.ts';
import { relatedImages } from '../datasets/splits/assign-folds.ts';
import type { Dataset } from '../datasets/versions/dataset-store.ts';
import { counted } from '../format.ts';
import { describeChance, lossDifference, type PairedDifference } from '../training/paired-difference.ts';
import { requiredErrors } from './required-errors.ts';

/** The trial that is trained to the end, and the reason. */
export interface TrialChoice {
  readonly best: Trial;
  readonly reason: string;
}

export interface ChoiceOptions {
  /** Tells whether a trial has the spec as it is without the search. */
  readonly isDefault: (trial: Trial) => boolean;
  /** Number of trials on all rungs that ended with a loss, without the default. */
  readonly tried: number;
}

/**
 * Chooses the trial with the largest gain over the default, if the gain exceeds what chance explains; else the default.
 * The trial with the lowest of several noisy losses is often worse than the default. Earlier rungs chose the trials of
 * the last one by losses of the same images, so that all trials count and not only these.
 * @param trials the outcomes on the last rung that compares trials, with `gain` and `standardError` if they were compared
 *   with the default
 * @returns undefined if all trials failed
 */
export function chooseTrial(trials: readonly Trial[], { isDefault, tried }: ChoiceOptions): TrialChoice | undefined {
  const ended = trials.filter((trial) => trial.negativeLogLikelihood !== undefined);
  const reference = ended.find(isDefault);
  const others = ended.filter((trial) => !isDefault(trial));
  if (reference === undefined) {
    const best = others.length === 0 ? undefined : others.reduce((low, next) => (lossOf(next) < lossOf(low) ? next : low));
    return best && { best, reason: `Trial ${best.trial} had the lowest loss; the default could not be compared with it.` };
  }
  if (others.length === 0)
    return { best: reference, reason: 'No other trial reached the last step, so the default was trained.' };
  const best = others.reduce((most, next) => (gainOf(next) > gainOf(most) ? next : most));
  const { images = 0, standardError = Number.POSITIVE_INFINITY } = best;
  const required = requiredErrors(Math.max(tried, 1));
  const isOneOfMany = tried > 1 && Number.isFinite(standardError);
  const compared =
    `on ${counted(images, 'held-out image')}, ${describeChance(standardError)}` +
    (isOneOfMany ? ` (the best of ${tried} trials must gain more than ${required.toFixed(2)} of these)` : '');
  if (gainOf(best) > required * standardError) {
    return {
      best,
      reason: `The loss of trial ${best.trial} was ${gainOf(best).toFixed(3)} lower than that of the default ${compared}.`,
    };
  }
  return {
    best: reference,
    reason:
      'No trial was significantly better than the default, so the default was trained. The loss of the best one, trial ' +
      `${best.trial}, was ${Math.abs(gainOf(best)).toFixed(3)} ${gainOf(best) > 0 ? 'lower' : 'higher'} ${compared}.`,
  };
}

function lossOf({ negativeLogLikelihood = Number.POSITIVE_INFINITY }: Trial): number {
  return negativeLogLikelihood;
}

function gainOf({ gain = Number.NEGATIVE_INFINITY }: Trial): number {
  return gain;
}

/** Losses of images that the network was not trained on, by row number in the data set. */
export type ImageLosses = ReadonlyMap<number, number>;

/**
 * Compares losses with reference losses, on the images that both have.
 * @param dataset whose related images count as one; default: no images are related
 * @returns by how much `losses` are lower
 */
export function compareLosses(
  losses: ImageLosses,
  reference: ImageLosses,
  dataset: Pick<Dataset, 'rows'> = { rows: [] },
): PairedDifference {
  const common = [...losses.keys()].filter((row) => reference.has(row));
  const of = (all: ImageLosses): number[] => common.map((row) => all.get(row) ?? 0);
  return lossDifference(of(losses), of(reference), { related: relatedImages(dataset, common) });
}
