/**
 * A job that waits longer than this without a change of its record gets another message, in case its message was lost.
 * A dispatcher that keeps a job waiting renews the record more often: otherwise each resent message would be renewed
 * too, and the job would have more and more of them.
 */
export const STALE_SECONDS = 600;

/** The longest delay of a job's message: shorter than `STALE_SECONDS`, so that it does not count as lost meanwhile. */
export const LONGEST_PAUSE_SECONDS = 512;
