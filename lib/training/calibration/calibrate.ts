import { sum } from '../../arithmetic.ts';
import { expectedCalibrationError } from '../metrics/expected-calibration-error.ts';
import type { LabelledLogits } from '../metrics/labelled-logits.ts';
import { imageLosses } from '../metrics/negative-log-likelihood.ts';
import { fitLabelScaling } from './fit-label-scaling.ts';
import { fitTemperature } from './fit-temperature.ts';
import { type LogitScaling, scaleLogits, uniformScaling } from './logit-scaling.ts';

/** With fewer scores, even one temperature would be chance. */
const FEWEST_IMAGES = 10;
/** Number of parts that the scores of one network are divided into, each calibrated by the others. */
export const CALIBRATION_PARTS = 10;

export type CalibrationMethod = 'none' | 'temperature' | 'per-label';

/** Metrics of probabilities on images that neither the network nor its calibration was fitted to. */
export interface CalibrationQuality {
  readonly negativeLogLikelihood: number;
  readonly expectedCalibrationError: number;
}

export interface Calibration {
  readonly method: CalibrationMethod;
  readonly scaling: LogitScaling;
  /** The divisor of all logits; 1 if each label has its own scale. */
  readonly temperature: number;
  readonly before: CalibrationQuality;
  readonly after: CalibrationQuality;
  /**
   * The scores with calibrated logits, those of each fold calibrated on the other folds. So a choice by them (a
   * threshold, a trial) does not use scores that the calibration was fitted to.
   */
  readonly heldOut: LabelledLogits;
}

export interface CalibrationOptions {
  /**
   * The fold of each image, [count], in which related images are together. With one fold, and by default, every tenth
   * image is in the same one, which suits images that are not related.
   */
  readonly foldOf?: readonly number[];
  /**
   * Whether labels of a multi-label network may have their own scales and offsets, which its last layer may not
   * support.
   */
  readonly perLabel?: boolean;
}

/**
 * Finds the scaling of logits that calibrates their probabilities.
 * Compares the methods by negative log-likelihood on images that they were not fitted to: no calibration, one
 * temperature, and for multi-label a scale and an offset for each label. A method that does not lower it is not used,
 * so a calibration is never worse than none on these scores. All images count the same, whatever their weights in the
 * training and in comparisons: a probability should be right for served images, whose classes are as frequent as in the
 * data set. Weighted, it would make a rare class seem likelier than it is.
 * @param scores of images that the network was not trained on
 */
export function calibrate(scores: LabelledLogits, { foldOf, perLabel = true }: CalibrationOptions = {}): Calibration {
  // A single fold leaves no others to fit to.
  const hasFolds = foldOf !== undefined && new Set(foldOf).size > 1;
  const folds = hasFolds ? foldOf : Array.from({ length: scores.count }, (_, row) => row % CALIBRATION_PARTS);
  const candidates: Candidate[] = [{ method: 'none', fit: () => uniformScaling(scores.classes) }];
  if (scores.count >= FEWEST_IMAGES) {
    candidates.push({ method: 'temperature', fit: (some) => uniformScaling(some.classes, 1 / fitTemperature(some)) });
    if (scores.task === 'multi-label' && perLabel) candidates.push({ method: 'per-label', fit: fitLabelScaling });
  }
  const before = qualityOf(scores);
  let best = { candidate: candidates[0], heldOut: scores, after: before };
  for (const candidate of candidates.slice(1)) {
    const heldOut = crossFit(scores, folds, candidate);
    const after = qualityOf(heldOut);
    if (after.negativeLogLikelihood < best.after.negativeLogLikelihood) best = { candidate, heldOut, after };
  }
  const { method = 'none', fit = () => uniformScaling(scores.classes) } = best.candidate ?? {};
  const scaling = fit(scores);
  return {
    method,
    scaling,
    temperature: method === 'temperature' ? 1 / (scaling.scales[0] ?? 1) : 1,
    before,
    after: best.after,
    heldOut: best.heldOut,
  };
}

interface Candidate {
  readonly method: CalibrationMethod;
  readonly fit: (scores: LabelledLogits) => LogitScaling;
}

/** The scores of each fold, calibrated by a method that was fitted to all other folds. */
function crossFit(scores: LabelledLogits, foldOf: readonly number[], { fit }: Candidate): LabelledLogits {
  const logits = new Float32Array(scores.logits.length);
  for (const fold of new Set(foldOf)) {
    const scaling = fit(rowsOf(scores, (row) => foldOf[row] !== fold));
    const scaled = scaleLogits(scores, scaling).logits;
    for (let i = 0; i < logits.length; i++) if (foldOf[Math.floor(i / scores.classes)] === fold) logits[i] = scaled[i] ?? 0;
  }
  return { ...scores, logits };
}

function rowsOf(scores: LabelledLogits, isWanted: (row: number) => boolean): LabelledLogits {
  const wanted = (_: number, i: number): boolean => isWanted(Math.floor(i / scores.classes));
  const logits = scores.logits.filter(wanted);
  return { ...scores, count: logits.length / scores.classes, logits, targets: scores.targets.filter(wanted) };
}

function qualityOf(scores: LabelledLogits): CalibrationQuality {
  const losses = imageLosses(scores);
  return {
    negativeLogLikelihood: sum(losses) / Math.max(1, scores.count),
    expectedCalibrationError: scores.count === 0 ? 0 : expectedCalibrationError(scores),
  };
}
