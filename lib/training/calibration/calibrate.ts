import { setImmediate as nextTurn } from 'node:timers/promises';
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
  readonly foldOf?: readonly number[] | undefined;
  /**
   * Whether labels of a multi-label network may have their own scales and offsets, which its last layer may not
   * support.
   */
  readonly perLabel?: boolean;
  /** Called before each step of the fits and before each part: with many scores, a calibration takes minutes. */
  readonly yieldToEventLoop?: () => Promise<unknown>;
}

/**
 * Finds the scaling of logits that calibrates their probabilities.
 * Compares the methods by negative log-likelihood on images that they were not fitted to: no calibration, one
 * temperature, and for multi-label a scale and an offset for each label. A method that does not lower it is not used,
 * so a calibration is never worse than none on these scores. All images count the same, whatever their weights in the
 * training and in comparisons: a probability should be right for served images, whose classes are as frequent as in the
 * data set. Weighted, it would make a rare class seem likelier than it is.
 * @param scores of images that the network was not trained on
 * @throws as `yieldToEventLoop`
 */
export async function calibrate(
  scores: LabelledLogits,
  { foldOf, perLabel = true, yieldToEventLoop = nextTurn }: CalibrationOptions = {},
): Promise<Calibration> {
  // A single fold leaves no others to fit to.
  const hasFolds = foldOf !== undefined && new Set(foldOf).size > 1;
  const folds = hasFolds ? foldOf : Array.from({ length: scores.count }, (_, row) => row % CALIBRATION_PARTS);
  const candidates: Candidate[] = [];
  if (scores.count >= FEWEST_IMAGES) {
    candidates.push({ method: 'temperature', fit: fitUniformScaling });
    if (scores.task === 'multi-label' && perLabel) candidates.push({ method: 'per-label', fit: fitLabelScaling });
  }
  const before = qualityOf(scores);
  let best: { candidate?: Candidate; heldOut: LabelledLogits; after: CalibrationQuality } = { heldOut: scores, after: before };
  for (const candidate of candidates) {
    const heldOut = await crossFit(scores, folds, candidate, yieldToEventLoop);
    const after = qualityOf(heldOut);
    if (after.negativeLogLikelihood < best.after.negativeLogLikelihood) best = { candidate, heldOut, after };
  }
  const { method = 'none', fit } = best.candidate ?? {};
  const scaling = fit === undefined ? uniformScaling(scores.classes) : await fit(scores, yieldToEventLoop);
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
  readonly fit: (scores: LabelledLogits, yieldToEventLoop: () => Promise<unknown>) => Promise<LogitScaling>;
}

async function fitUniformScaling(scores: LabelledLogits, yieldToEventLoop: () => Promise<unknown>): Promise<LogitScaling> {
  return uniformScaling(scores.classes, 1 / (await fitTemperature(scores, yieldToEventLoop)));
}

/** The scores of each fold, calibrated by a method that was fitted to all other folds. */
async function crossFit(
  scores: LabelledLogits,
  foldOf: readonly number[],
  { fit }: Candidate,
  yieldToEventLoop: () => Promise<unknown>,
): Promise<LabelledLogits> {
  const { classes } = scores;
  const logits = new Float32Array(scores.logits.length);
  for (const fold of new Set(foldOf)) {
    await yieldToEventLoop();
    const [own, others]: [number[], number[]] = [[], []];
    for (let row = 0; row < scores.count; row++) (foldOf[row] === fold ? own : others).push(row);
    const scaling = await fit(rowsOf(scores, others), yieldToEventLoop);
    const scaled = scaleLogits(rowsOf(scores, own), scaling).logits;
    for (const [i, row] of own.entries()) logits.set(scaled.subarray(i * classes, (i + 1) * classes), row * classes);
  }
  return { ...scores, logits };
}

function rowsOf(scores: LabelledLogits, rows: readonly number[]): LabelledLogits {
  const { classes } = scores;
  const gathered = (values: Float32Array): Float32Array => {
    const some = new Float32Array(rows.length * classes);
    for (const [i, row] of rows.entries()) some.set(values.subarray(row * classes, (row + 1) * classes), i * classes);
    return some;
  };
  return { ...scores, count: rows.length, logits: gathered(scores.logits), targets: gathered(scores.targets) };
}

function qualityOf(scores: LabelledLogits): CalibrationQuality {
  const losses = imageLosses(scores);
  return {
    negativeLogLikelihood: sum(losses) / Math.max(1, scores.count),
    expectedCalibrationError: scores.count === 0 ? 0 : expectedCalibrationError(scores),
  };
}
