import { expect, test } from 'vitest';
import { useVirtualTimers } from '../virtual-timers.ts';
import { checkDays } from './check-days.ts';

/** GRAFT_DAYS: how many, in both halves together. */
const DAYS = Number(process.env.GRAFT_DAYS ?? 10_000);

/**
 * Tests half of the days: each half is a test file, and so has a process of its own. GRAFT_SEED and GRAFT_PATH repeat
 * one of the first half, whichever half had printed them.
 */
export function testDays(half: 'first' | 'second'): void {
  useVirtualTimers();
  const runs = half === 'first' ? Math.ceil(DAYS / 2) : Math.floor(DAYS / 2);
  const isRepetition = process.env.GRAFT_PATH !== undefined && half === 'second';
  const name = `in ${runs} days of faults no job is lost, ends twice, or publishes what it must not`;
  test.skipIf(isRepetition || runs === 0)(name, { timeout: 7_200_000 }, async () => {
    const { faults, ends } = await checkDays(runs, half === 'first' ? 0 : 1);
    // A few runs, or the repetition of one, need not see everything.
    if (runs < 500) return;
    // Without each of these the invariants would say little.
    const rarest = Math.min(...Object.values(faults));
    expect(rarest, JSON.stringify(faults)).toBeGreaterThan(runs / 10);
    for (const end of ['SUCCEEDED', 'CANCELLED', 'FAILED ATTEMPTS_EXHAUSTED', 'FAILED CLASS_TOO_SMALL', 'FAILED MAX_MINUTES'])
      expect(ends.get(end), end).toBeGreaterThan(runs / 100);
  });
}
