import type { Clock } from '../ports.ts';

/** Measures work, without the time in which the machine sleeps. @returns the seconds since the start */
export function startStopwatch({ now, awakeSeconds }: Clock): () => number {
  const milliseconds = () => (awakeSeconds === undefined ? now().getTime() : 1000 * awakeSeconds());
  const start = milliseconds();
  return () => (milliseconds() - start) / 1000;
}
