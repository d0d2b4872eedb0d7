import { mean, sampleDeviation } from '../arithmetic.ts';
import { randomStream } from '../random.ts';

/** What several runs of the same thing gave. */
export interface Repeated {
  readonly values: number[];
  readonly mean: number;
  /** Standard deviation of the values, with one degree of freedom less; 0 for a single one. */
  readonly deviation: number;
}

/** Seeds for several runs of the same thing, the first one `seed` itself: what one seed gives may be luck. */
export function repeatSeeds(times: number, seed: number): number[] {
  return Array.from({ length: times }, (_, i) => (i === 0 ? seed : randomStream(seed, 'repeat', i).seed()));
}

/** The values with their mean and deviation. */
export function summarize(values: number[]): Repeated {
  return { values, mean: mean(values), deviation: sampleDeviation(values) };
}
