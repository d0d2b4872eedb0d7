import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Metrics } from '../contracts/metrics.ts';
import { type Calibration, type CalibrationOptions, calibrate } from '../training/calibration/calibrate.ts';
import type { EngineNetwork } from '../training/engine.ts';
import { evaluate } from '../training/evaluate.ts';
import type { Examples } from '../training/examples.ts';
import type { Loss } from '../training/losses/loss.ts';
import type { LabelledLogits } from '../training/metrics/labelled-logits.ts';
import { tuneThresholds } from '../training/metrics/tune-thresholds.ts';
import { canScalePerLabel, foldScaling } from './calibrate-head.ts';

export interface Calibrated {
  readonly calibration: Calibration;
  /** For multi-label models: the probability from which each label is assigned. */
  readonly thresholds: readonly number[] | undefined;
  readonly metrics: Metrics;
}

/** The scores for calibration. */
interface CalibrationScores extends Pick<CalibrationOptions, 'foldOf' | 'yieldToEventLoop'> {
  readonly scores: LabelledLogits;
}

/**
 * Calibrates a network on scores of images that it was not trained on, chooses its thresholds on the same scores, and
 * evaluates it on the validation images.
 * @param network maps features to logits
 * @param head the part of the network whose last layer outputs the logits
 * @throws as `held.yieldToEventLoop`
 */
export async function calibrateAndEvaluate(
  { network, head }: { readonly network: EngineNetwork; readonly head: LayersModel },
  held: CalibrationScores,
  validation: Examples,
  loss: Loss,
  labels: readonly string[],
): Promise<Calibrated> {
  const { scores, ...options } = held;
  const calibration = await calibrate(scores, { ...options, perLabel: canScalePerLabel(head) });
  foldScaling(head, calibration.scaling);
  const thresholds = loss.task === 'multi-label' ? tuneThresholds(calibration.heldOut) : undefined;
  return { calibration, thresholds, metrics: await evaluate(network, validation, loss, labels, thresholds) };
}
