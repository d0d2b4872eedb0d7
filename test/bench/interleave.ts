import { setTimeout as wait } from 'node:timers/promises';
import { median } from '../../lib/arithmetic.ts';

/** Options of `timeInterleaved`. */
interface Interleaving {
  /** Milliseconds without work before each turn, in which threads of the turn before go to sleep. Default: 0. */
  readonly restMs?: number;
}

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
 * Times each work in each round, in milliseconds. Every other round runs the works in reverse order, so that none always
 * comes first.
 * @returns one list of times per work
 */
export async function timeInterleaved(
  works: readonly (() => Promise<unknown>)[],
  rounds: number,
  { restMs = 0 }: Interleaving = {},
): Promise<number[][]> {
  const sides = works.map((work) => ({ work, times: [] as number[] }));
  for (let round = -Math.ceil(rounds / 10); round < rounds; round++) {
    for (const { work, times } of inTurnOrder(sides, round)) {
      if (restMs > 0) await wait(restMs);
      const start = performance.now();
      await work();
      if (round >= 0) times.push(performance.now() - start);
    }
  }
  return sides.map(({ times }) => times);
}

/** Returns the sides in their order, and in reverse for every other turn. */
export function inTurnOrder<Side>(sides: readonly Side[], turn: number): readonly Side[] {
  return turn % 2 === 0 ? sides : sides.toReversed();
}
