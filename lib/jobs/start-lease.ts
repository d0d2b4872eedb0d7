/**
 * How long Lambda keeps an asynchronous call of the training function that it cannot run yet, in seconds; then it drops the call. The stack sets
 * this on the function.
 */
export const START_EVENT_AGE_SECONDS = 300;
/** How often Lambda repeats such a call after a failure. The job decides that: a lost attempt is replaced by another one. */
export const START_EVENT_RETRIES = 0;
/** A container or function that starts cold imports its code and opens TensorFlow first. */
const COLD_START_SECONDS = 120;
/** How long an attempt that the compute has accepted may go without a sign of life: longer than its call can wait. */
export const START_LEASE_SECONDS = START_EVENT_AGE_SECONDS + COLD_START_SECONDS;
