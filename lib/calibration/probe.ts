import { mean } from '../arithmetic.ts';

/** Repeated timings of one piece of work, on the clock: what else the machine does slows it as it will slow the jobs. */
export interface Timing {
  /** Seconds of one repetition, in ascending order. */
  readonly seconds: readonly number[];
}

/**
 * Times a piece of work after one repetition that only warms up.
 * @param most seconds after which no further repetition begins
 */
export async function timeRepeatedly(work: () => Promise<unknown>, repetitions: number, most = 2): Promise<Timing> {
  await work();
  const seconds: number[] = [];
  const begin = performance.now();
  while (seconds.length === 0 || (seconds.length < repetitions && performance.now() - begin < most * 1000)) {
    seconds.push(await timeOnce(work));
  }
  return { seconds: seconds.sort((a, b) => a - b) };
}

/** Seconds on the clock. */
export async function timeOnce(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}

/** The mean: on a shared machine a job meets the slow repetitions, too. */
export function meanOf({ seconds }: Timing): number {
  return mean(seconds);
}

/** The longest repetition over the median. */
export function spreadOf({ seconds }: Timing): number {
  const median = seconds[Math.floor((seconds.length - 1) / 2)] ?? 1;
  return Math.max(1, (seconds.at(-1) ?? 1) / median);
}
