import { randomStream } from '../random.ts';

/** What several runs of the same thing gave. */
export interface Repeated {
  readonly values: readonly number[];
  readonly mean: number;
  /** Standard deviation of the values, with one degree of freedom less; 0 for a single one. */
  readonly deviation: number;
}

/** Runs something with one seed after another, the first with `seed` itself: what one seed gives may be luck. */
export async function repeatWithSeeds(times: number, seed: number, run: (seed: number) => Promise<number>): Promise<Repeated> {
  const values: number[] = [];
  for (let i = 0; i < times; i++) values.push(await run(i === 0 ? seed : randomStream(seed, 'repeat', i).seed()));
  return summarize(values);
}

/** The values with their mean and deviation. */
export function summarize(values: readonly number[]): Repeated {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { values, mean, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) };
}
