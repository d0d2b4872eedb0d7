/**
 * The life cycle of a job: SUBMITTED, STARTING, RUNNING, then SUCCEEDED, FAILED or CANCELLED for good. Each function here is
 * pure: a record in, the next record out, or a refusal. Every step of a worker carries its attempt's number, so a worker that was
 * taken for dead and comes back can change nothing.
 */
import { AnyJob, type AnyResult, isTraining, type JobProgress, type JobState, type StateChange } from '../contracts/job.ts';
import type { Publication } from '../contracts/model-version.ts';
import { ConflictError } from '../errors.ts';
import { exhaustedBy, lossesAfter, type ReportedError } from './attempt-limits.ts';
import { START_LEASE_SECONDS } from './start-lease.ts';

/** How long an attempt is believed alive without word from it; it renews at a third of this. */
export const LEASE_SECONDS = 30;
/** A dispatcher that has claimed a job starts its attempt within this time. */
const CLAIM_SECONDS = 120;

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

/** A dispatcher takes the job for its next attempt. @returns undefined where another dispatcher has claimed it, or it has ended */
export function claimed(job: AnyJob, now: Date): AnyJob | undefined {
  if (job.state !== 'SUBMITTED') return undefined;
  const { handle: _, progress: __, ...rest } = job;
  const attempt = job.attempt + 1;
  const { kept } = job;
  return {
    ...rest,
    ...changed(job, 'STARTING', attempt, now),
    attempt,
    leaseUntil: later(now, CLAIM_SECONDS),
    ...(kept !== undefined && { keptBefore: kept }),
  };
}

/** The compute has accepted the attempt, which may wait there for a machine. The worker may be faster: then only the handle is added. */
export function started(job: AnyJob, attempt: number, handle: string, now: Date): AnyJob | undefined {
  if (hasEnded(job) || job.attempt !== attempt) return undefined;
  return { ...job, ...at(now), handle, ...(job.state === 'STARTING' && { leaseUntil: later(now, START_LEASE_SECONDS) }) };
}

/** What a worker tells with a sign of life. */
export interface Heartbeat {
  readonly progress?: JobProgress | undefined;
  /** Results that this attempt has kept for a later one. */
  readonly kept?: number;
}

/** The worker lives: takes the job up, or renews its lease and says what it does. */
export function leaseRenewed(job: AnyJob, attempt: number, now: Date, { progress, kept = 0 }: Heartbeat = {}): AnyJob {
  requireAttempt(job, attempt);
  const total = Math.max(job.kept ?? 0, (job.keptBefore ?? 0) + kept);
  return {
    ...job,
    ...(job.state === 'RUNNING' ? at(now) : changed(job, 'RUNNING', attempt, now)),
    leaseUntil: later(now, LEASE_SECONDS),
    ...(progress !== undefined && { progress }),
    ...(total > 0 && { kept: total }),
  };
}

/**
 * The attempt is about to publish its model: after this step the job cannot be cancelled, and a later attempt publishes the same version.
 * @throws ConflictError ATTEMPT_REPLACED; ZodError where the job is no training
 */
export function publishing(job: AnyJob, attempt: number, publication: Publication, now: Date): AnyJob {
  requireAttempt(job, attempt);
  const begun = isTraining(job) ? job.publishing : undefined;
  return AnyJob.parse({ ...job, ...at(now), leaseUntil: later(now, LEASE_SECONDS), publishing: begun ?? publication });
}

/** @param result of the job's own kind @throws ZodError where it is of another */
export function succeeded(job: AnyJob, attempt: number, result: AnyResult, now: Date): AnyJob {
  requireAttempt(job, attempt);
  return AnyJob.parse({ ...ended(job, 'SUCCEEDED', now), result });
}

/** The attempt failed: for good, or so that another attempt may follow. */
export function failed(job: AnyJob, attempt: number, error: ReportedError, retryable: boolean, now: Date): AnyJob {
  requireAttempt(job, attempt);
  return retryable ? attemptLost(job, attempt, error, now) : ended(job, 'FAILED', now, { ...error, retryable });
}

/** The attempt ended without a result: back to the queue, or, where no attempt is left, FAILED with the last reason. */
export function attemptLost(job: AnyJob, attempt: number, error: ReportedError, now: Date): AnyJob {
  requireAttempt(job, attempt);
  const losses = lossesAfter(job, error.code);
  return nextAttempt({ ...job, ...(losses > 0 && { losses }) }, error, now);
}

/** The attempt gave no sign of life, since nobody had room for it: that is no loss. */
export function unstarted(job: AnyJob, attempt: number, error: ReportedError, now: Date): AnyJob {
  requireAttempt(job, attempt);
  return nextAttempt(job, error, now);
}

function nextAttempt(job: AnyJob, error: ReportedError, now: Date): AnyJob {
  const exhausted = exhaustedBy(job, error);
  if (exhausted !== undefined) return ended(job, 'FAILED', now, exhausted);
  const { leaseUntil: _, handle: __, progress: ___, ...rest } = job;
  return { ...rest, ...changed(job, 'SUBMITTED', job.attempt, now, error.code), error: { ...error } };
}

/**
 * Dispatch failed for good: each delivery of the job's message failed.
 * @param attempts how many the job had had when the message was sent
 * @returns undefined where somebody has taken it up since, or it has ended
 */
export function dispatchFailed(job: AnyJob, attempts: number, error: ReportedError, now: Date): AnyJob | undefined {
  return job.state === 'SUBMITTED' && job.attempt === attempts
    ? ended(job, 'FAILED', now, { ...error, retryable: true })
    : undefined;
}

/** @returns undefined where the job has ended already @throws ConflictError JOB_PUBLISHING where its model is about to be published */
export function cancelled(job: AnyJob, now: Date): AnyJob | undefined {
  if (hasEnded(job)) return undefined;
  if (!isTraining(job) || job.publishing === undefined) return ended(job, 'CANCELLED', now);
  throw new ConflictError('JOB_PUBLISHING', {
    at: job.id,
    expected: 'a job whose model is not being published yet',
    received: 'one that is about to end with a new version',
    fix: `wait until it ends (graft job ${job.id} --follow), and delete the version if you do not need it`,
  });
}

/** Whether nobody works on the job although somebody should. */
export function isAbandoned(job: AnyJob, now: Date): boolean {
  return !hasEnded(job) && job.leaseUntil !== undefined && now.toISOString() > job.leaseUntil;
}

/** What a record has only while an attempt of the job may follow. */
const OF_ATTEMPTS = ['leaseUntil', 'handle', 'progress', 'error', 'kept', 'keptBefore', 'losses'] as const;

function ended(job: AnyJob, state: JobState, now: Date, error?: ReportedError): AnyJob {
  const rest = { ...job };
  for (const key of OF_ATTEMPTS) delete rest[key];
  if (isTraining(rest)) delete rest.publishing;
  return { ...rest, ...changed(job, state, job.attempt, now, error?.code), ...(error !== undefined && { error: { ...error } }) };
}

function requireAttempt(job: AnyJob, attempt: number): void {
  if (job.state !== 'SUBMITTED' && !hasEnded(job) && job.attempt === attempt) return;
  throw new ConflictError('ATTEMPT_REPLACED', {
    at: job.id,
    expected: `attempt ${attempt} to be the current one`,
    received: `${job.state}, attempt ${job.attempt}`,
    fix: 'stop this worker; its work is no longer needed',
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
