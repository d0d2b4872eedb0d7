import type { Clock } from '../ports.ts';

export interface Stopwatch {
  /** Seconds since the last lap, or since the start. */
  lap(): number;
  /** Seconds since the start. */
  total(): number;
}

export function startStopwatch({ now }: Clock): Stopwatch {
  const start = now().getTime();
  let last = start;
  return {
    lap() {
      const before = last;
      last = now().getTime();
      return (last - before) / 1000;
    },
    total: () => (now().getTime() - start) / 1000,
  };
}
