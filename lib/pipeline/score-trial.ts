import { canScalePerLabel } from '../models/calibrate-head.ts';
import { calibrate } from '../training/calibration/calibrate.ts';
import { metricsOf } from '../training/evaluate.ts';
import type { LabelledLogits } from '../training/metrics/labelled-logits.ts';
import { imageLosses } from '../training/metrics/negative-log-likelihood.ts';
import { calibrationOptions, heldOutScores, validationScores } from './held-out-scores.ts';
import type { HeldOutScores, TrainedNetwork } from './network.ts';
import type { TrainingContext } from './training-context.ts';
import type { TrialScores } from './trial-outcome.ts';

/**
 * Scores a trial's network on images that it was not trained on, with calibrated probabilities.
 * @param isWhole whether the trial trained for all its epochs: only then is cross-validation worth its time
 * @throws as heldOutScores, yieldToEventLoop
 */
export async function scoreTrial(
  trained: TrainedNetwork,
  isWhole: boolean,
  context: TrainingContext,
): Promise<Omit<TrialScores, 'seconds'>> {
  const onValidation = await validationScores(trained, context);
  const held = isWhole ? await heldOutScores(trained, context) : onValidation;
  const perLabel = canScalePerLabel(trained.head);
  const calibrated = (some: HeldOutScores) => calibrate(some.scores, { ...calibrationOptions(some, context), perLabel });
  const { heldOut, after } = await calibrated(held);
  const { accuracy, meanAveragePrecision } = metricsOf(heldOut, context.dataset.labels);
  return {
    strategy: trained.strategy.name,
    negativeLogLikelihood: after.negativeLogLikelihood,
    ...(accuracy !== undefined && { accuracy }),
    ...(meanAveragePrecision !== undefined && { meanAveragePrecision }),
    scores: held.foldOf === undefined ? 'validation' : 'cross-validation',
    images: held.scores.count,
    losses: lossesByRow(held.rows, heldOut),
    ...(held.foldOf && {
      validationLosses: lossesByRow(onValidation.rows, (await calibrated(onValidation)).heldOut),
    }),
  };
}

function lossesByRow(rows: readonly number[], scores: LabelledLogits): [number, number][] {
  const losses = imageLosses(scores);
  return rows.map((row, i) => [row, losses[i] ?? 0]);
}
