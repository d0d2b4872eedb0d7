import { mean } from '../arithmetic.ts';

/** Repeated wall-clock timings of one operation. Other load on the machine slows it down, as it will slow down jobs. */
export interface Timing {
  /** Seconds per repetition, ascending. */
  readonly seconds: readonly number[];
}

/**
 * Times an operation repeatedly, after one warm-up repetition.
 * @param most seconds after which no further repetition starts
 */
export async function timeRepeatedly(work: () => Promise<unknown>, repetitions: number, most = 2): Promise<Timing> {
  await work();
  const seconds: number[] = [];
  const begin = performance.now();
  while (seconds.length === 0 || (seconds.length < repetitions && performance.now() - begin < most * 1000)) {
    seconds.push((await timeOnce(work)).seconds);
  }
  return { seconds: seconds.sort((a, b) => a - b) };
}

/** Measures the wall-clock time of one run. @returns it in seconds, and the result of the run */
export async function timeOnce<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly seconds: number; readonly result: Result }> {
  const begin = performance.now();
  const result = await work();
  return { seconds: (performance.now() - begin) / 1000, result };
}

/** Returns the mean. Unlike the median, it includes slow repetitions, which also affect jobs on a shared machine. */
export function meanOf({ seconds }: Timing): number {
  return mean(seconds);
}

/** Returns the longest repetition divided by the median. */
export function spreadOf({ seconds }: Timing): number {
  const median = seconds[Math.floor((seconds.length - 1) / 2)] ?? 1;
  return Math.max(1, (seconds.at(-1) ?? 1) / median);
}
