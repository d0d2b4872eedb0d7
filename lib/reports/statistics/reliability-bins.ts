import { argMax, at, at32, sumOf } from '../../arithmetic.ts';
import type { LabelledLogits } from '../../training/metrics/labelled-logits.ts';

/** Predictions with a similar probability. */
export interface ReliabilityBin {
  /** Mean predicted probability. */
  readonly confidence: number;
  /** Share of the predictions that are right (single-label), or of images that have the label (multi-label). */
  readonly accuracy: number;
  readonly count: number;
}

/** As many bins as the expected calibration error has. */
const BINS = 15;

/**
 * Compares probabilities with frequencies in 15 bins of equal width (Guo et al., arXiv:1706.04599). Single-label:
 * probability of the predicted class. Multi-label: probability of each label.
 * @param probabilities [count, classes], of `scores`
 * @returns the bins that are not empty, in ascending order
 */
export function reliabilityBins(scores: LabelledLogits, probabilities: Float64Array): ReliabilityBin[] {
  const { task, count, classes, logits, targets } = scores;
  const confidences = new Float64Array(BINS);
  const hits = new Float64Array(BINS);
  const counts = new Uint32Array(BINS);
  const add = (i: number): void => {
    const confidence = at(probabilities, i);
    const bin = Math.min(BINS - 1, Math.floor(confidence * BINS));
    confidences[bin] = at(confidences, bin) + confidence;
    hits[bin] = at(hits, bin) + Number(at32(targets, i) > 0.5);
    counts[bin] = (counts[bin] ?? 0) + 1;
  };
  if (task === 'multi-label') for (let i = 0; i < targets.length; i++) add(i);
  else for (let row = 0; row < count; row++) add(row * classes + argMax(logits.subarray(row * classes, (row + 1) * classes)));
  return Array.from(counts, (of, bin) => ({
    confidence: at(confidences, bin) / of,
    accuracy: at(hits, bin) / of,
    count: of,
  })).filter((bin) => bin.count > 0);
}

/** Computes the expected calibration error: the mean gap between confidence and accuracy, weighted by predictions. */
export function calibrationErrorOf(bins: readonly ReliabilityBin[]): number {
  const predictions = sumOf(bins, ({ count }) => count);
  return sumOf(bins, ({ confidence, accuracy, count }) => count * Math.abs(confidence - accuracy)) / Math.max(1, predictions);
}
