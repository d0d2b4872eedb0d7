import type { Clock } from '../../lib/ports.ts';

/** A clock that stands still until it is told. */
export interface ManualClock extends Clock {
  advance(seconds: number): Promise<void>;
}

export function manualClock(start = '2030-01-01T00:00:00Z'): ManualClock {
  let now = Date.parse(start);
  return {
    now: () => new Date(now),
    async advance(seconds) {
      now += seconds * 1000;
    },
  };
}
