import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolder } from '../graft.ts';

const preload = new URL('../../drill/scripts/shifted-clock.ts', import.meta.url);

/** A clock that processes read from a file. */
export interface DrillClock {
  /** Environment variables of a process that reads this clock. */
  readonly environment: Readonly<Record<string, string>>;
  /** @param seconds by which it is ahead of the machine's */
  set(seconds: number): void;
}

/** Opens a clock that shows the machine's time. */
export function openDrillClock(): DrillClock {
  const file = join(scratchFolder(), 'seconds');
  const set = (seconds: number): void => {
    // Nobody reads half of a number.
    writeFileSync(`${file}.new`, String(seconds));
    renameSync(`${file}.new`, file);
  };
  set(0);
  const environment = {
    GRAFT_DRILL_CLOCK: file,
    NODE_OPTIONS: `--disable-warning=ExperimentalWarning --import=${preload}`,
  };
  return { environment, set };
}
