import { argMax } from '../../arithmetic.ts';
import { type LabelledLogits, probabilitiesOf } from './labelled-logits.ts';

const bins = 15;

/**
 * Computes the expected calibration error (Guo et al., arXiv:1706.04599): the gap between mean confidence and accuracy
 * in 15 bins of equal width, averaged with the bins' sizes as weights. Single-label: confidence of the predicted class.
 * Multi-label: probability of each label.
 */
export function expectedCalibrationError(scores: LabelledLogits): number {
  const { task, count, classes, logits, targets } = scores;
  const probabilities = probabilitiesOf(scores);
  const gaps = new Float64Array(bins);
  const addToBin = (i: number): void => {
    const confidence = probabilities[i] ?? 0;
    const bin = Math.min(bins - 1, Math.floor(confidence * bins));
    gaps[bin] = (gaps[bin] ?? 0) + confidence - (targets[i] ?? 0);
  };
  if (task === 'multi-label') for (let i = 0; i < targets.length; i++) addToBin(i);
  else
    for (let row = 0; row < count; row++) addToBin(row * classes + argMax(logits.subarray(row * classes, (row + 1) * classes)));
  // A bin's weight times its gap is the difference of its two sums, divided by the number of all predictions.
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / (task === 'multi-label' ? targets.length : count);
}
