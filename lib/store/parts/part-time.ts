/** A part that failed, or that its function could not compute, waits for so long before its next call. */
export const PAUSE_SECONDS = 10;

/** Time that a call keeps for its last steps. */
const MARGIN_SECONDS = 20;
/** How much longer a step may take than the last one. */
const STEP_MARGIN = 1.5;

/**
 * Whether a call has time for another step of its part: a shard of features, or a segment of checks.
 * @param secondsLeft of the function's time
 * @param secondsOfLast of the last step; 0 for the first
 */
export function hasTimeForAnother(secondsLeft: number, secondsOfLast: number): boolean {
  return secondsLeft > MARGIN_SECONDS + STEP_MARGIN * secondsOfLast;
}
