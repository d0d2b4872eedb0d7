import { mean, sumOf } from '../arithmetic.ts';

/** Probabilities below this count as this, so that their logarithm is finite. */
const SMALLEST = 1e-7;

/**
 * Compares the probabilities of two models on the same images.
 * @param expected one array of probabilities for each image
 * @returns the signal-to-noise ratio of the logarithms, each less the mean over the labels, in decibels
 */
export function signalToNoise(expected: readonly Float32Array[], received: readonly Float32Array[]): number {
  const before = expected.map(centredLogs);
  const after = received.map(centredLogs);
  const signal = sumOf(before, (logs) => sumOf(logs, (value) => value ** 2));
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
