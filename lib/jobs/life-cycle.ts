/**
 * The life cycle of a job: SUBMITTED, STARTING, RUNNING, and finally SUCCEEDED, FAILED or CANCELLED. Each function is
 * pure: it takes a record and returns the next record, or refuses. Every step of a worker carries the number of its
 * attempt, so a worker whose attempt was replaced can change nothing.
 */
import { hasEnded } from '../contracts/has-ended.ts';
import {
  AnyJob,
  type AnyResult,
  type InterimResult,
  isTraining,
  type JobProgress,
  type JobState,
  type StateChange,
} from '../contracts/job.ts';
import type { Publication } from '../contracts/model-version.ts';
import { ConflictError } from '../errors.ts';
import { LONGEST_SKEW_SECONDS } from '../store/is-recent.ts';
import { exhaustedBy, FEATURES_EXTRACTED, isPublishing, lossesAfter, type ReportedError } from './attempt-limits.ts';
import { START_LEASE_SECONDS } from './start-lease.ts';

/** How long an attempt counts as alive after its last heartbeat. It renews its lease at a third of this. */
export const LEASE_SECONDS = 30;
/** A dispatcher that has claimed a job starts its attempt within this time. */
export const CLAIM_SECONDS = 120;

/** The content of a job before it is submitted. */
export type JobDraft = DraftOf<AnyJob>;
type DraftOf<Job> = Job extends AnyJob ? Pick<Job, Extract<keyof Job, DraftMember>> : never;
type DraftMember = 'kind' | 'spec' | 'datasetLineage' | 'estimate' | 'retryOf';

/** Creates the record of a submitted job. */
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

/** Claims a job for its next attempt. @returns undefined if another dispatcher has claimed it, or it has ended */
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

/** Tells whether a job is at work in this attempt: it has not ended, and waits for no other attempt. */
export function isCurrent(job: AnyJob, attempt: number): boolean {
  return job.state !== 'SUBMITTED' && !hasEnded(job) && job.attempt === attempt;
}

/**
 * Records that the compute target accepted the attempt, which may wait there for a machine. If the worker was faster,
 * only the handle is added.
 * @returns undefined if the attempt is no longer the current one
 */
export function started(job: AnyJob, attempt: number, handle: string, now: Date): AnyJob | undefined {
  if (!isCurrent(job, attempt)) return undefined;
  return { ...job, ...at(now), handle, ...(job.state === 'STARTING' && { leaseUntil: later(now, START_LEASE_SECONDS) }) };
}

/** The content of a worker's heartbeat. */
export interface Heartbeat {
  readonly progress?: JobProgress | undefined;
  /** Only of a training. */
  readonly interim?: InterimResult | undefined;
  /** Number of results that this attempt kept for later attempts. */
  readonly kept?: number;
  /** Of all attempts; only of a training with a limit, on a machine that may sleep. */
  readonly workedSeconds?: number | undefined;
}

/** Records a heartbeat of the worker: starts the job, or renews the lease with the progress. */
export function leaseRenewed(
  job: AnyJob,
  attempt: number,
  now: Date,
  { progress, interim, kept = 0, workedSeconds }: Heartbeat = {},
): AnyJob {
  requireAttempt(job, attempt);
  return {
    ...withWorkedSeconds(withKept(job, kept), workedSeconds),
    ...(job.state === 'RUNNING' ? at(now) : changed(job, 'RUNNING', attempt, now)),
    leaseUntil: later(now, LEASE_SECONDS),
    ...(progress !== undefined && { progress }),
    ...(interim !== undefined && { interim }),
  };
}

/**
 * Records that a worker takes an attempt over from one that has died.
 * @param leaseUntil of the other worker, some time ago
 * @throws ConflictError ATTEMPT_REPLACED if it has renewed its lease since
 */
export function takenOver(job: AnyJob, attempt: number, leaseUntil: string, now: Date): AnyJob {
  requireAttempt(job, attempt);
  if (job.leaseUntil === leaseUntil) return leaseRenewed(job, attempt, now);
  throw new ConflictError('ATTEMPT_REPLACED', {
    at: job.id,
    expected: `no other worker of attempt ${attempt}`,
    received: `one that has renewed its lease until ${job.leaseUntil}`,
    fix: 'stop this worker; the other one does its work',
  });
}

/** The record of a job whose attempt has kept so many results for later attempts. */
export function withKept(job: AnyJob, kept: number): AnyJob {
  const total = Math.max(job.kept ?? 0, (job.keptBefore ?? 0) + kept);
  return total > 0 ? { ...job, kept: total } : job;
}

/** The record of a training whose attempts have worked for so many seconds. */
export function withWorkedSeconds(job: AnyJob, seconds: number | undefined): AnyJob {
  return seconds !== undefined && isTraining(job) ? { ...job, workedSeconds: seconds } : job;
}

/** The record of a training whose functions have worked on features for so many seconds, in all attempts. */
export function withExtractionSeconds(job: AnyJob, seconds: number | undefined): AnyJob {
  return seconds !== undefined && isTraining(job) ? { ...job, extractionSeconds: seconds } : job;
}

/**
 * Records that the attempt is about to publish its model. From then on the job cannot be cancelled, and a later attempt
 * publishes the same version.
 * @throws ConflictError ATTEMPT_REPLACED; ZodError if the job is not a training
 */
export function publishing(job: AnyJob, attempt: number, publication: Publication, now: Date): AnyJob {
  requireAttempt(job, attempt);
  const begun = isTraining(job) ? job.publishing : undefined;
  return AnyJob.parse({ ...job, ...at(now), leaseUntil: later(now, LEASE_SECONDS), publishing: begun ?? publication });
}

/**
 * Records that the job succeeded.
 * @param result of the job's own kind
 * @throws ZodError if it is of another kind
 */
export function succeeded(job: AnyJob, attempt: number, result: AnyResult, now: Date): AnyJob {
  requireAttempt(job, attempt);
  return AnyJob.parse({ ...ended(job, 'SUCCEEDED', now), result });
}

/** Records that the attempt failed and that the job fails with it. attemptLost() lets another attempt follow. */
export function failed(job: AnyJob, attempt: number, error: ReportedError, now: Date): AnyJob {
  requireAttempt(job, attempt);
  return ended(job, 'FAILED', now, { ...error, retryable: false });
}

/**
 * Records that the attempt ended without a result: the job goes back to the queue, or fails with the last reason if no
 * attempt is left.
 */
export function attemptLost(job: AnyJob, attempt: number, error: ReportedError, now: Date): AnyJob {
  requireAttempt(job, attempt);
  const losses = lossesAfter(job, error.code);
  return nextAttempt({ ...job, ...(losses > 0 && { losses }) }, error, now);
}

/** Records that the attempt never started because there was no capacity. It does not count as lost. */
export function unstarted(job: AnyJob, attempt: number, error: ReportedError, now: Date): AnyJob {
  requireAttempt(job, attempt);
  return nextAttempt(job, error, now);
}

/**
 * Records that functions have extracted all features for the attempt: the job goes back to the queue, and its next
 * attempt trains.
 * @returns undefined if that is known, or the attempt is no longer the current one
 */
export function extracted(job: AnyJob, attempt: number, now: Date): AnyJob | undefined {
  if (job.state !== 'STARTING' || job.attempt !== attempt) return undefined;
  const { leaseUntil: _, handle: __, error: ___, ...rest } = job;
  // The training has a share of its own.
  if (isTraining(rest)) delete rest.extractionSeconds;
  return { ...rest, ...changed(job, 'SUBMITTED', attempt, now, FEATURES_EXTRACTED) };
}

function nextAttempt(job: AnyJob, error: ReportedError, now: Date): AnyJob {
  const exhausted = exhaustedBy(job, error);
  if (exhausted !== undefined) return ended(job, 'FAILED', now, exhausted);
  const { leaseUntil: _, handle: __, progress: ___, ...rest } = job;
  return { ...rest, ...changed(job, 'SUBMITTED', job.attempt, now, error.code), error: { ...error } };
}

/**
 * Records that dispatching failed finally: every delivery of the job's message failed.
 * @param attempts of the job when the message was sent
 * @returns undefined if an attempt has started since, the job has ended, or it must complete its publication
 */
export function dispatchFailed(job: AnyJob, attempts: number, error: ReportedError, now: Date): AnyJob | undefined {
  return job.state === 'SUBMITTED' && job.attempt === attempts && !isPublishing(job)
    ? ended(job, 'FAILED', now, { ...error, retryable: true })
    : undefined;
}

/**
 * Records that a job which waits for its next attempt has used up its limit.
 * @returns undefined if it no longer waits, or must complete its publication
 */
export function limitExceeded(job: AnyJob, error: ReportedError, now: Date): AnyJob | undefined {
  const mayFail = job.state === 'SUBMITTED' && !isPublishing(job);
  return mayFail ? ended(job, 'FAILED', now, { ...error, retryable: false }) : undefined;
}

/**
 * Cancels a job.
 * @returns undefined if the job has already ended
 * @throws ConflictError JOB_PUBLISHING if it is about to publish its model
 */
export function cancelled(job: AnyJob, now: Date): AnyJob | undefined {
  if (hasEnded(job)) return undefined;
  if (!isPublishing(job)) return ended(job, 'CANCELLED', now);
  throw new ConflictError('JOB_PUBLISHING', {
    at: job.id,
    expected: 'a job whose model is not being published yet',
    received: 'one that is about to end with a new version',
    fix: `wait until it ends (graft job ${job.id} --follow), and delete the version if you do not need it`,
  });
}

/**
 * Tells whether the job should be running but has no worker: its lease has expired, or is longer than any lease, because
 * the clock was set back since.
 */
export function isAbandoned(job: AnyJob, now: Date): boolean {
  if (hasEnded(job) || job.leaseUntil === undefined) return false;
  const left = (Date.parse(job.leaseUntil) - now.getTime()) / 1000;
  return left < 0 || left > START_LEASE_SECONDS + LONGEST_SKEW_SECONDS;
}

/**
 * A worker whose process lives may compute for so long after the end of its lease: a native call that blocks its event
 * loop takes minutes at most. After that it counts as hung. Nobody enforces the limits of such a job, and it keeps a
 * machine.
 */
export const HUNG_SECONDS = 900;

/** Tells whether the lease of a worker that has started ended so long ago that it hangs, or was suspended. */
export function isOverdue(job: AnyJob, now: Date): boolean {
  const { state, leaseUntil } = job;
  return state === 'RUNNING' && leaseUntil !== undefined && now.getTime() - Date.parse(leaseUntil) > HUNG_SECONDS * 1000;
}

/** Members that a record has only while another attempt of the job may follow. */
const OF_ATTEMPTS = ['leaseUntil', 'handle', 'progress', 'error', 'kept', 'keptBefore', 'losses'] as const;

function ended(job: AnyJob, state: JobState, now: Date, error?: ReportedError): AnyJob {
  const rest = { ...job };
  for (const key of OF_ATTEMPTS) delete rest[key];
  if (isTraining(rest)) {
    delete rest.publishing;
    delete rest.interim;
    delete rest.extractionSeconds;
    delete rest.workedSeconds;
  }
  return { ...rest, ...changed(job, state, job.attempt, now, error?.code), ...(error !== undefined && { error: { ...error } }) };
}

function requireAttempt(job: AnyJob, attempt: number): void {
  if (isCurrent(job, attempt)) return;
  throw new ConflictError('ATTEMPT_REPLACED', {
    at: job.id,
    expected: `attempt ${attempt} to be the current one`,
    received: `${job.state}, attempt ${job.attempt}`,
    fix: 'stop this worker; its work is no longer needed',
  });
}

/** Tells whether an error says that the attempt was replaced, or its job has ended: its worker must not go on. */
export function isReplaced(error: unknown): boolean {
  return error instanceof ConflictError && error.code === 'ATTEMPT_REPLACED';
}

/** Returns the job in a new state, with an entry in its history. */
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
