import type { AttemptTarget, ComputeTarget, DeployedTarget } from '../contracts/compute.ts';
import { type AnyJob, isTraining } from '../contracts/job.ts';
import { machinesOf } from '../estimates/spread-extraction.ts';
import type { JobAttempt, World } from '../ports.ts';
import { FEATURES_EXTRACTED, handOversOf, MAX_ATTEMPTS } from './attempt-limits.ts';
import { readJob } from './job-store.ts';
import { timeLeft } from './time-limit.ts';

/** The compute resources that an attempt needs. */
export interface AttemptNeeds {
  readonly target: AttemptTarget;
  /** Time after which the compute target ends the attempt, from its start; undefined if the job has no limit. */
  readonly timeoutSeconds?: number | undefined;
  /** Number of machines that extract features before the attempt trains; undefined if its own machine does. */
  readonly machines?: number | undefined;
}

/**
 * A worker stops itself at its job's limit and records the reason. After this time the compute target stops one that
 * does not.
 */
const GRACE_SECONDS = 120;

/**
 * Reads a job and returns the needs of an attempt.
 * @throws NotFoundError JOB_NOT_FOUND
 */
export async function readAttemptNeeds(
  { job, attempt }: JobAttempt,
  { store, targets = [], queues }: Pick<World, 'store' | 'targets' | 'queues'>,
): Promise<AttemptNeeds> {
  return attemptNeeds(await readJob(job, store), attempt, targets, queues.extractions !== undefined);
}

/**
 * Returns the needs of an attempt.
 * @param targets of the deployment
 * @param hasFunctions whether the deployment has functions that extract features
 */
export function attemptNeeds(
  job: AnyJob,
  attempt: number,
  targets: readonly ComputeTarget[],
  hasFunctions = false,
): AttemptNeeds {
  if (hasFunctions && needsFunctions(job)) return { target: 'functions' };
  const left = timeLeft(job, new Date(job.updatedAt));
  return {
    target: targetOf(job, attempt, targets),
    timeoutSeconds: left && Math.max(0, left.seconds) + GRACE_SECONDS,
    machines: machinesOf(job),
  };
}

/**
 * Whether functions extract features in this attempt: until they have extracted all of them. The last attempt that may
 * be lost extracts on its own machine.
 */
function needsFunctions(job: AnyJob): boolean {
  if (!isTraining(job) || job.estimate?.functions === undefined || (job.losses ?? 0) >= MAX_ATTEMPTS - 1) return false;
  return !(job.history ?? []).some(({ state, code }) => code === FEATURES_EXTRACTED || state === 'RUNNING');
}

/**
 * Chooses the compute target. A training runs where it was estimated to run at submission. If the 15 minutes of a
 * function were not enough, it continues on AWS Batch, unless its spec names a target or a `maxCost`, for which the
 * estimate applies; without AWS Batch it continues in another call of the function. Any other job starts in a Lambda
 * function, and moves to AWS Batch if that was not enough.
 */
function targetOf(job: AnyJob, attempt: number, targets: readonly ComputeTarget[]): DeployedTarget {
  if (isTraining(job)) {
    const { target, maxCost } = job.spec.compute;
    const mayMove = targets.includes('gpu') && target === 'auto' && maxCost === undefined;
    return job.estimate?.target === 'lambda' && !(mayMove && handOversOf(job) > 0) ? 'lambda' : 'gpu';
  }
  return targets.includes('lambda') && (attempt === 1 || !targets.includes('gpu')) ? 'lambda' : 'gpu';
}
