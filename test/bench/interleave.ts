import { median } from './bench.ts';

/**
 * Does each of the works once a round, so that whatever else the machine does falls on all of them; the first tenth of
 * the rounds only warms up.
 * @returns the median of each, in milliseconds
 */
export async function interleave(works: readonly (() => Promise<unknown>)[], rounds: number): Promise<number[]> {
  const times = await timeInterleaved(works, rounds);
  return times.map(median);
}

/** @returns what each round took, for each of the works */
export async function timeInterleaved(works: readonly (() => Promise<unknown>)[], rounds: number): Promise<number[][]> {
  const sides = works.map((work) => ({ work, times: [] as number[] }));
  for (let round = -Math.ceil(rounds / 10); round < rounds; round++) {
    for (const { work, times } of sides) {
      const start = performance.now();
      await work();
      if (round >= 0) times.push(performance.now() - start);
    }
  }
  return sides.map(({ times }) => times);
}
