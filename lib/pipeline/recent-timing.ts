import type { Clock } from '../ports.ts';

/** After this many days something is timed again, as the machine is. */
const MAX_AGE_DAYS = 7;

/** Tells whether a timing that this machine keeps still counts. @param measuredAt ISO 8601 */
export function isRecent(measuredAt: string, clock: Clock): boolean {
  return (clock.now().getTime() - Date.parse(measuredAt)) / 86_400_000 < MAX_AGE_DAYS;
}
