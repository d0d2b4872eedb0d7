import type { Clock } from '../ports.ts';

/** How often the time is read, so that a sleep of the machine shows as a longer one. */
const READ_EVERY_MS = 10_000;
/** A computation may keep a process from reading the time for minutes; after a quarter of an hour, its worker is replaced. */
const LONGEST_STEP_SECONDS = 900;

/** The clock of this machine, which may sleep. */
export const localClock: Clock = {
  now: () => new Date(),
  awakeSeconds: countAwakeSeconds(() => performance.now() / 1000),
};

/**
 * Counts the seconds in which this machine is awake. While a machine sleeps, the monotonic clock of some systems stands
 * still (Linux), that of others goes on (macOS, Windows). So the time is read regularly, and no step between two readings
 * counts for more than a quarter of an hour.
 * @param read the seconds of a monotonic clock
 */
export function countAwakeSeconds(read: () => number): () => number {
  let counted = 0;
  let last: number | undefined;
  function count(): number {
    const now = read();
    counted += Math.min(now - (last ?? now), LONGEST_STEP_SECONDS);
    last = now;
    return counted;
  }
  return () => {
    if (last === undefined) setInterval(count, READ_EVERY_MS).unref();
    return count();
  };
}
