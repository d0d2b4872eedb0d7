/**
 * The clocks of two machines differ by less than this. A time that lies further ahead was written before a clock was set
 * back.
 */
export const LONGEST_SKEW_SECONDS = 1800;

/**
 * Whether a time lies less than so many seconds back. A time from before a clock was set back does not, so that nobody
 * waits for the clock to come to it again.
 */
export function isRecent(time: string, seconds: number, now: Date): boolean {
  const age = (now.getTime() - Date.parse(time)) / 1000;
  return age < seconds && age > -LONGEST_SKEW_SECONDS;
}
