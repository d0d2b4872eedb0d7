/** What a network gains over another one, by its losses and errors on the same images. */

import { counted } from '../../format.ts';
import { imageErrors } from '../../training/metrics/accuracy.ts';
import type { LabelledLogits } from '../../training/metrics/labelled-logits.ts';
import { imageLosses } from '../../training/metrics/negative-log-likelihood.ts';
import {
  type ComparedImages,
  describeChance,
  errorDifference,
  lossDifference,
  type PairedDifference,
} from '../../training/paired-difference.ts';

/** Differences to another network. */
export interface Gains {
  readonly loss: PairedDifference;
  /** Undefined for multi-label models, whose thresholds are tuned later. */
  readonly errors: PairedDifference | undefined;
}

/** What scores gain over a reference, of the same images. */
export function gainsOver(scores: LabelledLogits, reference: LabelledLogits, images: ComparedImages): Gains {
  return {
    loss: lossDifference(imageLosses(scores), imageLosses(reference), images),
    errors: scores.task === 'multi-label' ? undefined : errorDifference(imageErrors(scores), imageErrors(reference), images),
  };
}

/** Whether the loss is lower or the errors are fewer by more than one standard error, and neither is worse by as much. */
export function isBetter(gains: Gains): boolean {
  return (exceeds(gains.loss) || exceeds(gains.errors)) && isNoWorse(gains);
}

/** Whether a gain is larger than its standard error. */
function exceeds(difference: PairedDifference | undefined): boolean {
  return difference !== undefined && difference.gain > difference.standardError;
}

/** Whether neither the loss nor the errors are worse by more than one standard error. */
export function isNoWorse({ loss, errors }: Gains): boolean {
  return [loss, errors].every((difference) => difference === undefined || difference.gain >= -difference.standardError);
}

/** The images that networks were compared on. */
interface DescribedImages extends Pick<ComparedImages, 'weights'> {
  /** Whether they were scored by cross-validation. */
  readonly byFolds: boolean;
}

/** Describes gains in a clause. @param other names the other network */
export function describeGains({ loss, errors }: Gains, other: string, { byFolds, weights }: DescribedImages): string {
  const { gain, standardError, images } = loss;
  const how = gain === 0 ? 'equal to' : `${Math.abs(gain).toFixed(3)} ${gain > 0 ? 'lower' : 'higher'} than`;
  return (
    `its ${weights === undefined ? '' : 'weighted '}loss was ${how} that of ${other} (${describeChance(standardError)})` +
    `${weights === undefined ? describeErrors(errors) : describeWeightedErrors(errors)}, ` +
    `${byFolds ? 'by cross-validation on' : 'on'} ${counted(images, 'image')}`
  );
}

function describeErrors(errors: PairedDifference | undefined): string {
  if (errors === undefined) return '';
  const count = Math.round(Math.abs(errors.gain) * errors.images);
  if (count === 0) return ' and it made as many errors';
  return ` and it made ${count} ${errors.gain > 0 ? 'fewer' : 'more'} ${count === 1 ? 'error' : 'errors'}`;
}

/** As a rate: a number of errors would not show what each weighs. */
function describeWeightedErrors(errors: PairedDifference | undefined): string {
  if (errors === undefined) return '';
  const { gain } = errors;
  if (gain === 0) return ' and its weighted error rate was equal';
  return ` and its weighted error rate was ${(100 * Math.abs(gain)).toFixed(1)} points ${gain > 0 ? 'lower' : 'higher'}`;
}
