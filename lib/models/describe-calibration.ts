import type { FittedCalibration } from '../contracts/calibration.ts';
import type { Calibration } from '../training/calibration/calibrate.ts';
import type { LabelledLogits } from '../training/metrics/labelled-logits.ts';

/**
 * Creates the card's description of a calibration.
 * @param held the scores used for fitting
 */
export function describeCalibration(
  { method, scaling, before, after }: Calibration,
  { scores, foldOf }: { readonly scores: LabelledLogits; readonly foldOf: readonly number[] | undefined },
): FittedCalibration {
  return {
    method,
    scores: foldOf === undefined ? 'validation' : 'cross-validation',
    images: scores.count,
    negativeLogLikelihood: { before: before.negativeLogLikelihood, after: after.negativeLogLikelihood },
    expectedCalibrationError: { before: before.expectedCalibrationError, after: after.expectedCalibrationError },
    ...(method === 'per-label' && { scales: [...scaling.scales], offsets: [...scaling.offsets] }),
  };
}
