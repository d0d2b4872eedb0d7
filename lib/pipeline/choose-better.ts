/** Chooses the network of a job to publish: the simpler one, unless the other is significantly better. */
import { round } from '../freezing/evidence.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { calibrate } from '../training/calibration/calibrate.ts';
import { imageLosses } from '../training/metrics/negative-log-likelihood.ts';
import { pairedDifference } from '../training/paired-difference.ts';
import { predictLogits } from '../training/predict-logits.ts';
import { scoreByFolds } from './compare-by-folds.ts';
import type { HeldOutScores, TrainedNetwork } from './network.ts';
import { lossOf, type TrainingContext } from './training-context.ts';

/**
 * The fine-tuned network where it is better than the frozen one by more than one standard error, on images that neither
 * was trained on: smaller differences may be chance. Few validation images show little, so both networks are then
 * compared by cross-validation, unless the validation images already show that the fine-tuned one is worse.
 * @param plan of the fine-tuning
 * @returns the fine-tuned network if its loss is lower by more than one standard error, otherwise the frozen one
 * @throws as scoreByFolds
 */
export async function chooseBetter(
  frozen: TrainedNetwork,
  tuned: TrainedNetwork,
  plan: Plan,
  context: TrainingContext,
): Promise<TrainedNetwork> {
  const onValidation = pairedDifference(await lossesOf(tuned, context), await lossesOf(frozen, context));
  const mayBeBetter = !isFrozen(tuned) && onValidation.gain > -onValidation.standardError;
  const byFolds = mayBeBetter ? await scoreByFolds(frozen, tuned, context) : undefined;
  const { gain, standardError, images } =
    byFolds === undefined ? onValidation : pairedDifference(heldOutLosses(byFolds.tuned), heldOutLosses(byFolds.frozen));
  const evidence = { ...frozen.strategy.evidence, tuningGain: round(gain), tuningGainError: round(standardError) };
  const compared =
    `its loss was ${Math.abs(gain).toFixed(3)} ${gain > 0 ? 'lower' : 'higher'} than that of the best frozen network ` +
    `(standard error ${standardError.toFixed(3)}), ${byFolds === undefined ? 'on' : 'by cross-validation on'} ${images} images`;
  if (gain > standardError && !isFrozen(tuned)) {
    const reason = `${tuned.strategy.reason} Fine-tuning was kept: ${compared}.`;
    const strategy = { ...tuned.strategy, reason, evidence: { ...tuned.strategy.evidence, ...evidence } };
    return { ...tuned, strategy, ...(byFolds && { held: byFolds.tuned }) };
  }
  const why = isFrozen(tuned)
    ? tuned.strategy.reason.replace(plan.reason, '').trim()
    : `Fine-tuning was tried and not kept: ${compared}.`;
  const reason = `${frozen.strategy.reason} ${why}`;
  return { ...frozen, strategy: { ...frozen.strategy, reason, evidence } };
}

/**
 * Losses of held-out images, each with the calibration of the other folds. The published network is calibrated, too: one
 * that is only overconfident is not worse.
 */
function heldOutLosses({ scores, foldOf }: Pick<HeldOutScores, 'scores'> & Partial<HeldOutScores>): ArrayLike<number> {
  return imageLosses(calibrate(scores, { ...(foldOf && { foldOf }) }).heldOut);
}

/** There was no time for the fine-tuning, or it did not lower the validation loss. */
function isFrozen({ strategy }: TrainedNetwork): boolean {
  return strategy.name === 'feature-extraction';
}

async function lossesOf({ network, examples }: TrainedNetwork, { job }: TrainingContext): Promise<ArrayLike<number>> {
  return heldOutLosses({ scores: await predictLogits(network, examples.validation, lossOf(job)) });
}
