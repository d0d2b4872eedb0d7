/** How many attempts a job gets, as pure functions of its record. */
import { type AnyJob, isTraining } from '../contracts/job.ts';
import type { ErrorJson } from '../errors.ts';
import { LONGEST_PAUSE_SECONDS } from './message-times.ts';

/**
 * An error with the last lines of the log before it. @property retryable whether a new job with the same spec may
 * succeed
 */
export type ReportedError = ErrorJson & { readonly log?: string[]; readonly retryable?: boolean };

/** The most attempts that may be lost without new results. */
export const MAX_ATTEMPTS = 3;
/** The code of an attempt that passes the job on because its function's time is over. It does not count as lost. */
export const INVOCATION_OVER = 'INVOCATION_OVER';
/**
 * The most times that a job may be passed on in this way. A job is estimated to fit into one function; Lambda itself
 * stops a function that calls itself 16 times.
 */
export const MAX_HAND_OVERS = 12;
/** The code of an attempt that passes the job on because its worker received SIGTERM. It does not count as lost. */
export const WORKER_STOPPED = 'WORKER_STOPPED';
/** The code of an attempt that the compute target accepted but never ran. It does not count as lost. */
export const ATTEMPT_NOT_STARTED = 'ATTEMPT_NOT_STARTED';
/** The code of an attempt in which functions have extracted all features. The next attempt trains. */
export const FEATURES_EXTRACTED = 'FEATURES_EXTRACTED';
/**
 * The most attempts in a row that may not start. A compute target that refuses them may have no capacity for two hours,
 * and AWS Batch, where an attempt waits for a machine for an hour, for 20.
 */
export const MAX_UNSTARTED = 20;
/** The most attempts of any kind. */
export const MAX_TOTAL_ATTEMPTS = 100;
const FIRST_PAUSE_SECONDS = 15;

const NOT_LOST: readonly string[] = [INVOCATION_OVER, WORKER_STOPPED];

/**
 * Returns the number of lost attempts after an attempt ended with an error. An attempt with new results does not count.
 */
export function lossesAfter({ losses = 0, kept = 0, keptBefore = 0 }: AnyJob, code: string): number {
  return NOT_LOST.includes(code) || kept > keptBefore ? losses : losses + 1;
}

/**
 * Returns the reason why no further attempt follows; undefined if one does.
 * @param error of the attempt that has just ended
 */
export function exhaustedBy(job: AnyJob, error: ReportedError): ReportedError | undefined {
  const { losses = 0, attempt } = job;
  if (attempt >= MAX_TOTAL_ATTEMPTS) return exhausted(`The job did not end in ${attempt} attempts`, error, job);
  if (isPublishing(job)) return undefined;
  if (error.code === INVOCATION_OVER && handOversOf(job) >= MAX_HAND_OVERS) return tooLong(error);
  if (losses >= MAX_ATTEMPTS) return exhausted(`The job lost its worker ${losses} times`, error, job);
  if (unstartedOf(job) >= MAX_UNSTARTED) return exhausted(`The last ${MAX_UNSTARTED} attempts did not start`, error, job);
  return undefined;
}

/**
 * Whether a job has recorded the version that it publishes. Such a job must not fail for lost attempts or limits: its
 * version may be in the registry already, or a worker that was taken for dead may still add it. The next attempt only
 * completes the publication, which takes seconds.
 */
export function isPublishing(job: AnyJob): boolean {
  return isTraining(job) && job.publishing !== undefined;
}

/**
 * Seconds to wait after an attempt that could not publish the recorded version, for a reason that is likely to remain.
 * Each attempt starts a machine.
 */
export function publishingPause({ attempt }: AnyJob): number {
  return Math.min(2 ** attempt, LONGEST_PAUSE_SECONDS);
}

/** Seconds to wait after an attempt that did not start, longer each time. */
export function unstartedPause(job: AnyJob): number {
  return Math.min(FIRST_PAUSE_SECONDS * 2 ** (unstartedOf(job) - 1), LONGEST_PAUSE_SECONDS);
}

/** Counts how often the job was passed on because a function's time was over. */
export function handOversOf({ history = [] }: AnyJob): number {
  return history.filter(({ state, code }) => state === 'SUBMITTED' && code === INVOCATION_OVER).length;
}

/** Counts the attempts since the last one that started. */
export function unstartedOf({ attempt, history = [] }: AnyJob): number {
  const lastStarted = history.reduce((last, change) => (change.state === 'RUNNING' ? change.attempt : last), 0);
  return attempt - lastStarted;
}

/** Codes whose fix is that another attempt follows. */
const FOLLOWED: readonly string[] = [...NOT_LOST, ATTEMPT_NOT_STARTED, 'TRAINING_INTERRUPTED', 'WORKER_LOST'];

function exhausted(what: string, { code, message, fix, log }: ReportedError, { id }: AnyJob): ReportedError {
  const again = `then try again: graft retry ${id}`;
  const known = fix !== undefined && !FOLLOWED.includes(code);
  return {
    code: 'ATTEMPTS_EXHAUSTED',
    message: `${what}; the last time: ${message}`,
    fix: known
      ? `${fix}; ${again}`
      : `find out why it ended, for instance too little memory, in the log of the job: graft job ${id} --follow; ${again}`,
    retryable: true,
    ...(log !== undefined && { log }),
  };
}

function tooLong({ log }: ReportedError): ReportedError {
  return {
    code: 'INVOCATIONS_EXHAUSTED',
    message: `The job was not done in ${MAX_HAND_OVERS + 1} calls of the training function, a quarter of an hour each.`,
    fix: 'train fewer epochs, images or layers, or deploy Graft with GPUs: graft deploy',
    retryable: false,
    ...(log !== undefined && { log }),
  };
}
