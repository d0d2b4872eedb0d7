/**
 * The life cycle of a job: SUBMITTED, STARTING, RUNNING, then SUCCEEDED, FAILED or CANCELLED for good. Each function here is
 * pure: a record in, the next record out, or a refusal. Every step of a worker carries its attempt's number, so a worker that was
 * taken for dead and comes back can change nothing.
 */
import type { JobProgress, JobRecord, JobResult, JobState } from '../contracts/job.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { ConflictError, type ErrorJson } from '../errors.ts';

/** How long an attempt is believed alive without word from it; it renews at a third of this. */
export const LEASE_SECONDS = 30;
/** Starting a machine takes longer than a sign of life. */
const STARTING_SECONDS = 120;
/** Attempts before a job that keeps losing its worker is given up. */
export const MAX_ATTEMPTS = 3;

const ENDED: readonly JobState[] = ['SUCCEEDED', 'FAILED', 'CANCELLED'];

export function hasEnded(job: JobRecord): boolean {
  return ENDED.includes(job.state);
}

export function submitted(id: string, spec: JobSpec, now: Date): JobRecord {
  return { id, state: 'SUBMITTED', spec, createdAt: now.toISOString(), updatedAt: now.toISOString(), attempt: 0 };
}

/** A dispatcher takes the job for its next attempt. @returns undefined where somebody else has it, or it has ended */
export function claimed(job: JobRecord, now: Date): JobRecord | undefined {
  if (job.state !== 'SUBMITTED') return undefined;
  const { handle: _, progress: __, ...rest } = job;
  return { ...rest, ...at(now), state: 'STARTING', attempt: job.attempt + 1, leaseUntil: later(now, STARTING_SECONDS) };
}

/** The compute has accepted the attempt. The worker may be faster: then only the handle is added. */
export function started(job: JobRecord, attempt: number, handle: string, now: Date): JobRecord | undefined {
  if (hasEnded(job) || job.attempt !== attempt) return undefined;
  return { ...job, ...at(now), handle };
}

/** The worker lives: takes the job up, or renews its lease and says what it does. */
export function alive(job: JobRecord, attempt: number, now: Date, progress?: JobProgress): JobRecord {
  requireAttempt(job, attempt);
  return {
    ...job,
    ...at(now),
    state: 'RUNNING',
    leaseUntil: later(now, LEASE_SECONDS),
    ...(progress !== undefined && { progress }),
  };
}

export function succeeded(job: JobRecord, attempt: number, result: JobResult, now: Date): JobRecord {
  requireAttempt(job, attempt);
  return { ...ended(job, 'SUCCEEDED', now), result };
}

/** The worker gives up: for good, or so that another attempt may follow. */
export function failed(job: JobRecord, attempt: number, error: ErrorJson, retryable: boolean, now: Date): JobRecord {
  requireAttempt(job, attempt);
  return retryable ? lost(job, attempt, error, now) : ended(job, 'FAILED', now, error);
}

/** The attempt ended without a result: back to the queue, or, after the last attempt, FAILED with the last reason. */
export function lost(job: JobRecord, attempt: number, error: ErrorJson, now: Date): JobRecord {
  requireAttempt(job, attempt);
  if (attempt < MAX_ATTEMPTS) {
    const { leaseUntil: _, handle: __, progress: ___, ...rest } = job;
    return { ...rest, ...at(now), state: 'SUBMITTED', error: { ...error } };
  }
  return ended(job, 'FAILED', now, {
    code: 'ATTEMPTS_EXHAUSTED',
    message: `The job lost its worker ${MAX_ATTEMPTS} times; the last time: ${error.message}`,
    fix: error.fix ?? 'look at the log of the job, then submit it again',
  });
}

/** @returns undefined where the job has ended already */
export function cancelled(job: JobRecord, now: Date): JobRecord | undefined {
  return hasEnded(job) ? undefined : ended(job, 'CANCELLED', now);
}

/** Whether nobody works on the job although somebody should. */
export function isAbandoned(job: JobRecord, now: Date): boolean {
  return !hasEnded(job) && job.leaseUntil !== undefined && now.toISOString() > job.leaseUntil;
}

function ended(job: JobRecord, state: JobState, now: Date, error?: ErrorJson): JobRecord {
  const { leaseUntil: _, handle: __, progress: ___, error: ____, ...rest } = job;
  return { ...rest, ...at(now), state, ...(error !== undefined && { error: { ...error } }) };
}

function requireAttempt(job: JobRecord, attempt: number): void {
  if (job.state !== 'SUBMITTED' && !hasEnded(job) && job.attempt === attempt) return;
  throw new ConflictError('ATTEMPT_REPLACED', {
    at: job.id,
    expected: `attempt ${attempt} to be the one at work`,
    received: `${job.state}, attempt ${job.attempt}`,
    fix: 'stop this worker; its work is not needed any more',
  });
}

function at(now: Date): { updatedAt: string } {
  return { updatedAt: now.toISOString() };
}

function later(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1000).toISOString();
}
