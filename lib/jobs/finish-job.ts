/** A training that its user ends with its interim result, instead of waiting for the fine-tuning. */

import { hasEnded } from '../contracts/has-ended.ts';
import { type AnyJob, isTraining, type JobRecord } from '../contracts/job.ts';
import { ConflictError } from '../errors.ts';
import type { World } from '../ports.ts';
import { changeJob } from './job-store.ts';

/**
 * Requests that a training publishes its interim result. The worker reads the request with its next heartbeat, or the
 * next attempt reads it when it starts. A job that has ended, is publishing its model or has a request does not change.
 * @throws ConflictError FINISH_UNSUPPORTED if the job is not a training, INTERIM_RESULT_UNAVAILABLE if it has no interim
 * result; NotFoundError JOB_NOT_FOUND
 */
export async function finishJob(id: string, world: World): Promise<AnyJob> {
  const { after } = await changeJob(id, world.store, (current) => finishRequested(current, world.clock.now()));
  return after;
}

/** @returns undefined if the record does not change */
function finishRequested(job: AnyJob, now: Date): JobRecord | undefined {
  if (!isTraining(job)) throw notTraining(job);
  if (hasEnded(job) || job.publishing !== undefined || job.finishRequested !== undefined) return undefined;
  if (job.interim === undefined) throw withoutInterim(job);
  const time = now.toISOString();
  return { ...job, updatedAt: time, finishRequested: time };
}

function notTraining({ id, kind }: AnyJob): ConflictError {
  return new ConflictError('FINISH_UNSUPPORTED', {
    at: id,
    expected: 'a training',
    received: `a job of kind ${kind}`,
    fix: `wait until it ends, or cancel it: graft cancel ${id}`,
  });
}

function withoutInterim({ id, state }: JobRecord): ConflictError {
  return new ConflictError('INTERIM_RESULT_UNAVAILABLE', {
    at: id,
    expected: 'a training with an interim result, which it has while it fine-tunes',
    received: `a job without one, in state ${state}`,
    fix: `follow it until it has one (graft job ${id} --follow), or train without fine-tuning: graft train --fast`,
  });
}
