import { median } from '../../lib/arithmetic.ts';

/**
 * Runs each work once per round, so that other load on the machine affects all of them; the first tenth of the rounds
 * is a warm-up.
 * @returns the median of each work, in milliseconds
 */
export async function interleave(works: readonly (() => Promise<unknown>)[], rounds: number): Promise<number[]> {
  const times = await timeInterleaved(works, rounds);
  return times.map(median);
}

/**
 * Times each work in each round, in milliseconds.
 * @returns one list of times per work
 */
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
