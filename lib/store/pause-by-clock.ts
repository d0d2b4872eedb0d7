import type { Clock } from '../ports.ts';

/** Waits by a clock. */
export function pauseByClock(clock: Clock, milliseconds: number): Promise<void> {
  if (clock.sleep !== undefined) return clock.sleep(milliseconds);
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
