import { mean, sampleDeviation } from '../arithmetic.ts';
import { randomStream } from '../random.ts';

/** Results of several runs with different seeds. */
export interface Repeated {
  readonly values: number[];
  readonly mean: number;
  /** Standard deviation of the values, with n - 1 degrees of freedom; 0 for a single value. */
  readonly deviation: number;
}

/** Seeds for several runs; the first one is `seed` itself. */
export function repeatSeeds(times: number, seed: number): number[] {
  return Array.from({ length: times }, (_, i) => (i === 0 ? seed : randomStream(seed, 'repeat', i).seed()));
}

/** The values with their mean and deviation. */
export function summarizeValues(values: number[]): Repeated {
  return { values, mean: mean(values), deviation: sampleDeviation(values) };
}
