import type { Clock } from '../ports.ts';

/** Measures work: the time in which the machine sleeps does not count. */
export interface Stopwatch {
  /** Seconds since the last lap, or since the start. */
  lap(): number;
  /** Seconds since the start. */
  total(): number;
}

export function startStopwatch({ now, awakeSeconds }: Clock): Stopwatch {
  const milliseconds = () => (awakeSeconds === undefined ? now().getTime() : 1000 * awakeSeconds());
  const start = milliseconds();
  let last = start;
  return {
    lap() {
      const before = last;
      last = milliseconds();
      return (last - before) / 1000;
    },
    total: () => (milliseconds() - start) / 1000,
  };
}
