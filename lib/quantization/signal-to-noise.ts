import { mean, sumOf } from '../arithmetic.ts';
import type { ModelTask } from '../contracts/model-task.ts';

/** Probabilities nearer to 0 or 1 count as this far from it, so that their logarithms and logits are finite. */
const SMALLEST = 1e-7;

/**
 * Compares the probabilities of two models on the same images.
 * @param expected one array of probabilities for each image
 * @param task of the models. Labels of `single-label` share a softmax: what counts are the logarithms, each less the mean
 *   over the labels. Other labels are independent of each other: what counts are their logits.
 * @returns the signal-to-noise ratio in decibels
 */
export function signalToNoise(expected: readonly Float32Array[], received: readonly Float32Array[], task: ModelTask): number {
  const scoresOf = task === 'single-label' ? centredLogs : logits;
  const before = expected.map(scoresOf);
  const after = received.map(scoresOf);
  const signal = sumOf(before, (scores) => sumOf(scores, (value) => value ** 2));
  const noise = sumOf(before.keys(), (row) =>
    sumOf((before[row] ?? []).keys(), (i) => ((before[row]?.[i] ?? 0) - (after[row]?.[i] ?? 0)) ** 2),
  );
  return 10 * Math.log10(signal / Math.max(noise, Number.MIN_VALUE));
}

function centredLogs(probabilities: Float32Array): number[] {
  const logs = Array.from(probabilities, (value) => Math.log(Math.max(value, SMALLEST)));
  const centre = mean(logs);
  return logs.map((value) => value - centre);
}

function logits(probabilities: Float32Array): number[] {
  return Array.from(probabilities, (value) => {
    const inside = Math.min(Math.max(value, SMALLEST), 1 - SMALLEST);
    return Math.log(inside / (1 - inside));
  });
}
