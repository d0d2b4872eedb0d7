import { median, sum } from '../../lib/arithmetic.ts';
import { percentile } from './bench.ts';

/** Calls `act` this many times, with so many at once. @returns the milliseconds of each call */
export async function callAtOnce(times: number, atOnce: number, act: () => Promise<unknown>): Promise<number[]> {
  const milliseconds: number[] = [];
  let begun = 0;
  const client = async (): Promise<void> => {
    while (begun++ < times) {
      const start = performance.now();
      await act();
      milliseconds.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  return milliseconds;
}

/** Describes calls by their milliseconds: half of them were faster than p50, and a hundredth was slower than p99. */
export function describeCalls(milliseconds: readonly number[]) {
  return {
    seconds: sum(milliseconds) / 1000,
    p50Milliseconds: median(milliseconds),
    p99Milliseconds: percentile(milliseconds, 0.99),
  };
}
