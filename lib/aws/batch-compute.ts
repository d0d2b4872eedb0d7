import {
  type BatchClient,
  DescribeJobsCommand,
  type JobDetail,
  SubmitJobCommand,
  type SubmitJobCommandInput,
  TerminateJobCommand,
} from '@aws-sdk/client-batch';
import type { AttemptState, Compute, JobAttempt } from '../ports.ts';
import { withAwsErrors } from './aws-errors.ts';

export interface BatchComputeOptions {
  readonly client: BatchClient;
  /** Submits jobs. It repeats no request (`startSettings`). */
  readonly starter: BatchClient;
  /** Names or ARNs. */
  readonly jobQueue: string;
  readonly jobDefinition: string;
  readonly needsOf: (attempt: JobAttempt) => Promise<BatchNeeds>;
}

/** The resources that an attempt needs in AWS Batch. */
export interface BatchNeeds {
  /** Maximum run time of the attempt. Undefined if the job has no limit. The minimum of AWS Batch is one minute. */
  readonly timeoutSeconds?: number | undefined;
  /** Number of machines that extract features before the attempt trains. Undefined if its own machine extracts them. */
  readonly machines?: number | undefined;
}

const SHORTEST_TIMEOUT = 60;

/**
 * Times that AWS Batch starts a part of an array. A part may be repeated whatever ended it: it continues after its last
 * stored shard, and a failure that no retry can fix fails the job instead of the part.
 */
const STARTS_OF_A_PART = 3;

/**
 * Runs attempts as jobs of AWS Batch: containers on GPU machines that start on demand. If several machines extract
 * features first, they form an array job, and the attempt's own job starts after the whole array has succeeded. A
 * handle contains the ids of the attempt's job and of the array job.
 */
export function openBatchCompute({ client, starter, jobQueue, jobDefinition, needsOf }: BatchComputeOptions): Compute {
  const submit = async (at: string, input: Omit<SubmitJobCommandInput, 'jobQueue' | 'jobDefinition'>): Promise<string> => {
    const { jobId = '' } = await withAwsErrors(at, () =>
      starter.send(new SubmitJobCommand({ ...input, jobQueue, jobDefinition })),
    );
    return jobId;
  };
  // Has no effect if the job has ended, or if AWS Batch no longer stores it.
  const terminate = (jobId: string) =>
    withAwsErrors(jobId, () => client.send(new TerminateJobCommand({ jobId, reason: 'no longer wanted' })));

  async function startArray(attempt: JobAttempt, size: number | undefined): Promise<string | undefined> {
    if (size === undefined) return undefined;
    return submit(attempt.job, {
      jobName: `${batchJobName(attempt)}-features`,
      arrayProperties: { size },
      retryStrategy: { attempts: STARTS_OF_A_PART },
      containerOverrides: { command: ['part', attempt.job, `${attempt.attempt}`, `${size}`] },
    });
  }

  return {
    async start(attempt) {
      const { timeoutSeconds: seconds, machines } = await needsOf(attempt);
      const timeout = seconds && { attemptDurationSeconds: Math.max(SHORTEST_TIMEOUT, Math.ceil(seconds)) };
      const array = await startArray(attempt, machines);
      try {
        const own = await submit(attempt.job, {
          jobName: batchJobName(attempt),
          containerOverrides: { command: [attempt.job, `${attempt.attempt}`] },
          ...(timeout && { timeout }),
          ...(array !== undefined && { dependsOn: [{ jobId: array }] }),
        });
        return array === undefined ? own : `${own}+${array}`;
      } catch (error) {
        // No job would use its features. If it goes on, its parts end as soon as they find another attempt.
        if (array !== undefined) await terminate(array).catch(() => undefined);
        throw error;
      }
    },

    async stop(handle) {
      for (const jobId of handle.split('+')) await terminate(jobId);
    },

    async state(handle) {
      // The attempt's own job waits for the array job, and fails if the array job fails.
      const [own = ''] = handle.split('+');
      const { jobs = [] } = await withAwsErrors(handle, () => client.send(new DescribeJobsCommand({ jobs: [own] })));
      return stateOf(jobs[0]);
    },
  };
}

/** Returns the name of an attempt's Batch job. It identifies the attempt in the job's events. */
export function batchJobName({ job, attempt }: JobAttempt): string {
  return `${job}-${attempt}`;
}

/**
 * Parses the name of a Batch job.
 * @returns undefined if Graft did not create the job
 */
export function attemptOfBatchJob(name: string): JobAttempt | undefined {
  const [, job, attempt] = /^(job-[0-9a-z]{9}-[0-9a-z]{10})-([1-9][0-9]*)$/.exec(name) ?? [];
  return job === undefined ? undefined : { job, attempt: Number(attempt) };
}

/** The members of a job that its events have in common with DescribeJobs. */
export interface EndedBatchJob {
  readonly status?: string | undefined;
  readonly statusReason?: string | undefined;
  /** In ms since 1970. Absent if its container has not started. */
  readonly startedAt?: number | undefined;
  readonly container?: { readonly reason?: string | undefined } | undefined;
  readonly dependsOn?: readonly unknown[] | undefined;
}

/**
 * Tells whether AWS Batch ended a job that never had a machine, because there was no capacity for as long as the queue
 * lets a job wait (`CAPACITY`). Three kinds of jobs without a start do not belong to them, because waiting does not help:
 * no machine of the deployment is large enough (`MISCONFIGURATION`), the container could not be created, or the array job
 * failed that this one depends on, most of whose parts had machines.
 * https://docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable.html
 */
export function isUnstarted({ status, statusReason = '', startedAt, container, dependsOn = [] }: EndedBatchJob): boolean {
  const waited = dependsOn.length === 0 || statusReason.includes('CAPACITY');
  const mayStart = !statusReason.includes('MISCONFIGURATION') && container?.reason === undefined && waited;
  return status === 'FAILED' && !startedAt && mayStart;
}

/**
 * Maps a Batch job to the state of an attempt. AWS Batch deletes a job a day after its end. After that, only the
 * lease shows the state.
 */
function stateOf(job: JobDetail | undefined): AttemptState {
  if (job?.status === undefined) return 'unknown';
  if (job.status === 'RUNNING') return 'alive';
  if (job.status !== 'SUCCEEDED' && job.status !== 'FAILED') return 'waiting';
  return isUnstarted(job) ? 'unstarted' : 'ended';
}
