/**
 * How many seconds Lambda keeps an asynchronous call of the training function that cannot run yet, before it drops the
 * call. The stack sets this on the function.
 */
export const START_EVENT_AGE_SECONDS = 300;
/**
 * Number of times that Lambda repeats such a call after a failure: never, because the job itself starts another
 * attempt.
 */
export const START_EVENT_RETRIES = 0;
/** Time for a container or function to import its code and start TensorFlow. */
export const COLD_START_SECONDS = 120;
/** How long an accepted attempt may take until its first heartbeat: longer than its call can wait. */
export const START_LEASE_SECONDS = START_EVENT_AGE_SECONDS + COLD_START_SECONDS;
