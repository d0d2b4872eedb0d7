/** Which of two networks of a job is published: the simpler one, unless the other is better by more than chance. */
import { round } from '../freezing/evidence.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { calibrate } from '../training/calibration/calibrate.ts';
import { imageLosses } from '../training/metrics/negative-log-likelihood.ts';
import { pairedDifference } from '../training/paired-difference.ts';
import { predictLogits } from '../training/predict-logits.ts';
import { type HeldOutScores, heldOutScores } from './held-out-scores.ts';
import type { TrainedNetwork } from './network.ts';
import { lossOf, type TrainingContext } from './training-context.ts';
import { addSeconds } from './work-log.ts';

/**
 * A head in closed form on all stages where it is better than the trained head on the top by more than one standard error, on images that neither
 * was fitted to; else the head on the top.
 */
export async function chooseFrozen(
  top: TrainedNetwork,
  stages: TrainedNetwork,
  plan: Plan,
  context: TrainingContext,
): Promise<TrainedNetwork> {
  const ofTop = await heldOutScores(top, context);
  const ofStages = await heldOutScores(stages, context);
  const { gain, standardError } = pairedDifference(calibratedLosses(ofStages), calibratedLosses(ofTop));
  const evidence = { ...plan.evidence, stageGain: round(gain), stageGainError: round(standardError) };
  const seconds = addSeconds(stages.seconds, top.seconds);
  const compared = `On images that they were not fitted to, a head in closed form on the features of all stages had a loss ${Math.abs(gain).toFixed(3)} ${gain > 0 ? 'lower' : 'higher'} than a head on the top of the backbone (standard error ${standardError.toFixed(3)})`;
  if (gain > standardError) {
    const strategy = {
      name: 'stage-features' as const,
      reason: `${plan.reason} ${compared}.`,
      evidence: { ...stages.strategy.evidence, ...evidence },
    };
    return { ...stages, strategy, seconds };
  }
  const strategy = { name: 'feature-extraction' as const, reason: `${plan.reason} ${compared}: not more than chance.`, evidence };
  return { ...top, strategy, seconds };
}

/**
 * The fine-tuned network where it is better than the frozen one on the validation images by more than one standard error. The other one is
 * closed.
 * @param plan of the fine-tuning
 */
export async function chooseBetter(
  frozen: TrainedNetwork,
  tuned: TrainedNetwork,
  plan: Plan,
  context: TrainingContext,
): Promise<TrainedNetwork> {
  const { gain, standardError } = pairedDifference(await lossesOf(tuned, context), await lossesOf(frozen, context));
  const evidence = { ...frozen.strategy.evidence, tuningGain: round(gain), tuningGainError: round(standardError) };
  const compared = `its validation loss was ${Math.abs(gain).toFixed(3)} ${gain > 0 ? 'lower' : 'higher'} than that of the best frozen network (standard error ${standardError.toFixed(3)})`;
  if (gain > standardError && !isFrozen(tuned)) {
    await frozen.close();
    const reason = `${tuned.strategy.reason} Fine-tuning is kept: ${compared}.`;
    return { ...tuned, strategy: { ...tuned.strategy, reason, evidence: { ...tuned.strategy.evidence, ...evidence } } };
  }
  await tuned.close();
  const why = isFrozen(tuned)
    ? tuned.strategy.reason.replace(plan.reason, '').trim()
    : `Fine-tuning was tried and is not kept: ${compared}.`;
  const reason = `${frozen.strategy.reason} ${why}`;
  return { ...frozen, strategy: { ...frozen.strategy, reason, evidence } };
}

/** There was no time for the fine-tuning, or none of it did any good. */
function isFrozen({ strategy }: TrainedNetwork): boolean {
  return strategy.name === 'feature-extraction';
}

async function lossesOf({ network, examples }: TrainedNetwork, { job }: TrainingContext): Promise<ArrayLike<number>> {
  const scores = await predictLogits(network, examples.validation, lossOf(job));
  return calibratedLosses({ scores, foldOf: undefined });
}

/** The published network is calibrated, too: what is only too sure of itself is not worse. */
function calibratedLosses({ scores, foldOf }: Pick<HeldOutScores, 'scores' | 'foldOf'>): ArrayLike<number> {
  return imageLosses(calibrate(scores, foldOf && { foldOf }).heldOut);
}
