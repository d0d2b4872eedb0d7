/**
 * The life cycle of a job: SUBMITTED, STARTING, RUNNING, then SUCCEEDED, FAILED or CANCELLED for good. Each function here is
 * pure: a record in, the next record out, or a refusal. Every step of a worker carries its attempt's number, so a worker that was
 * taken for dead and comes back can change nothing.
 */
import { AnyJob, type AnyResult, type JobProgress, type JobState, type StateChange } from '../contracts/job.ts';
import { ConflictError, type ErrorJson } from '../errors.ts';

/** How long an attempt is believed alive without word from it; it renews at a third of this. */
export const LEASE_SECONDS = 30;
/** Starting a machine takes longer than a sign of life. */
const STARTING_SECONDS = 120;
/** Attempts before a job that keeps losing its worker is given up. */
export const MAX_ATTEMPTS = 3;
/** An attempt whose function's time is over hands the job on with this code, and is not lost. */
export const INVOCATION_OVER = 'INVOCATION_OVER';
/** How often. A job is estimated to fit into one function; Lambda itself ends what calls itself 16 times. */
export const MAX_HAND_OVERS = 12;

/** An error, and the last lines of the log before it. */
type ToldError = ErrorJson & { readonly log?: string[] };

const ENDED: readonly JobState[] = ['SUCCEEDED', 'FAILED', 'CANCELLED'];

export function hasEnded(job: AnyJob): boolean {
  return ENDED.includes(job.state);
}

/** What a job is to do, before it has a life. */
export type JobDraft = DraftOf<AnyJob>;
type DraftOf<Job> = Job extends AnyJob ? Pick<Job, Extract<keyof Job, 'kind' | 'spec' | 'estimate' | 'retryOf'>> : never;

export function submitted(id: string, draft: JobDraft, now: Date): AnyJob {
  const createdAt = now.toISOString();
  return {
    ...draft,
    id,
    state: 'SUBMITTED',
    createdAt,
    updatedAt: createdAt,
    attempt: 0,
    history: [{ state: 'SUBMITTED', time: createdAt, attempt: 0 }],
  };
}

/** A dispatcher takes the job for its next attempt. @returns undefined where somebody else has it, or it has ended */
export function claimed(job: AnyJob, now: Date): AnyJob | undefined {
  if (job.state !== 'SUBMITTED') return undefined;
  const { handle: _, progress: __, ...rest } = job;
  const attempt = job.attempt + 1;
  return { ...rest, ...changed(job, 'STARTING', attempt, now), attempt, leaseUntil: later(now, STARTING_SECONDS) };
}

/** The compute has accepted the attempt. The worker may be faster: then only the handle is added. */
export function started(job: AnyJob, attempt: number, handle: string, now: Date): AnyJob | undefined {
  if (hasEnded(job) || job.attempt !== attempt) return undefined;
  return { ...job, ...at(now), handle };
}

/** The worker lives: takes the job up, or renews its lease and says what it does. */
export function alive(job: AnyJob, attempt: number, now: Date, progress?: JobProgress): AnyJob {
  requireAttempt(job, attempt);
  return {
    ...job,
    ...(job.state === 'RUNNING' ? at(now) : changed(job, 'RUNNING', attempt, now)),
    leaseUntil: later(now, LEASE_SECONDS),
    ...(progress !== undefined && { progress }),
  };
}

/** @param result of the job's own kind @throws ZodError where it is of another */
export function succeeded(job: AnyJob, attempt: number, result: AnyResult, now: Date): AnyJob {
  requireAttempt(job, attempt);
  return AnyJob.parse({ ...ended(job, 'SUCCEEDED', now), result });
}

/** The worker gives up: for good, or so that another attempt may follow. */
export function failed(job: AnyJob, attempt: number, error: ToldError, retryable: boolean, now: Date): AnyJob {
  requireAttempt(job, attempt);
  return retryable ? lost(job, attempt, error, now) : ended(job, 'FAILED', now, error);
}

/** The attempt ended without a result: back to the queue, or, after the last attempt, FAILED with the last reason. */
export function lost(job: AnyJob, attempt: number, error: ToldError, now: Date): AnyJob {
  requireAttempt(job, attempt);
  const handOvers = handOversOf(job);
  const isHandOver = error.code === INVOCATION_OVER;
  if (isHandOver ? handOvers < MAX_HAND_OVERS : attempt - handOvers < MAX_ATTEMPTS) {
    const { leaseUntil: _, handle: __, progress: ___, ...rest } = job;
    return { ...rest, ...changed(job, 'SUBMITTED', attempt, now, error.code), error: { ...error } };
  }
  return ended(job, 'FAILED', now, isHandOver ? tooLong(error) : exhausted(error));
}

/** How often the job was handed on because a function's time was over. */
export function handOversOf({ history = [] }: AnyJob): number {
  return history.filter(({ state, code }) => state === 'SUBMITTED' && code === INVOCATION_OVER).length;
}

function exhausted({ message, fix = 'look at the log of the job, then submit it again', log }: ToldError): ToldError {
  return {
    code: 'ATTEMPTS_EXHAUSTED',
    message: `The job lost its worker ${MAX_ATTEMPTS} times; the last time: ${message}`,
    fix,
    ...(log !== undefined && { log }),
  };
}

function tooLong({ log }: ToldError): ToldError {
  return {
    code: 'INVOCATIONS_EXHAUSTED',
    message: `The job was not done in ${MAX_HAND_OVERS + 1} calls of the training function, a quarter of an hour each.`,
    fix: 'train fewer epochs, images or layers, or deploy Graft with GPUs: graft deploy',
    ...(log !== undefined && { log }),
  };
}

/**
 * Whoever should start the job gave it up: its message failed each time.
 * @param attempts how many the job had had when the message was sent
 * @returns undefined where somebody has taken it up since, or it has ended
 */
export function givenUp(job: AnyJob, attempts: number, error: ToldError, now: Date): AnyJob | undefined {
  return job.state === 'SUBMITTED' && job.attempt === attempts ? ended(job, 'FAILED', now, error) : undefined;
}

/** @returns undefined where the job has ended already */
export function cancelled(job: AnyJob, now: Date): AnyJob | undefined {
  return hasEnded(job) ? undefined : ended(job, 'CANCELLED', now);
}

/** Whether nobody works on the job although somebody should. */
export function isAbandoned(job: AnyJob, now: Date): boolean {
  return !hasEnded(job) && job.leaseUntil !== undefined && now.toISOString() > job.leaseUntil;
}

function ended(job: AnyJob, state: JobState, now: Date, error?: ToldError): AnyJob {
  const { leaseUntil: _, handle: __, progress: ___, error: ____, ...rest } = job;
  return { ...rest, ...changed(job, state, job.attempt, now, error?.code), ...(error !== undefined && { error: { ...error } }) };
}

function requireAttempt(job: AnyJob, attempt: number): void {
  if (job.state !== 'SUBMITTED' && !hasEnded(job) && job.attempt === attempt) return;
  throw new ConflictError('ATTEMPT_REPLACED', {
    at: job.id,
    expected: `attempt ${attempt} to be the one at work`,
    received: `${job.state}, attempt ${job.attempt}`,
    fix: 'stop this worker; its work is not needed any more',
  });
}

/** The new state, and its line in the job's history. */
function changed(
  { history = [] }: AnyJob,
  state: JobState,
  attempt: number,
  now: Date,
  code?: string,
): { state: JobState; updatedAt: string; history: StateChange[] } {
  const change = { state, time: now.toISOString(), attempt, ...(code !== undefined && { code }) };
  return { ...at(now), state, history: [...history, change] };
}

function at(now: Date): { updatedAt: string } {
  return { updatedAt: now.toISOString() };
}

function later(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1000).toISOString();
}
