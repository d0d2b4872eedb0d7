import {
  type BatchClient,
  DescribeJobsCommand,
  type JobStatus,
  SubmitJobCommand,
  TerminateJobCommand,
} from '@aws-sdk/client-batch';
import type { Compute, JobAttempt } from '../ports.ts';
import { callingAws } from './aws-errors.ts';

export interface BatchComputeOptions {
  readonly client: BatchClient;
  /** Names or ARNs. */
  readonly jobQueue: string;
  readonly jobDefinition: string;
  /** The most that the attempt may run; undefined where the job has no limit. AWS Batch takes no less than a minute. */
  readonly timeoutSeconds: (attempt: JobAttempt) => Promise<number | undefined>;
}

const SHORTEST_TIMEOUT = 60;

/** Attempts as jobs of AWS Batch: containers on machines with a GPU that start for them. A handle is the Batch job's id. */
export function openBatchCompute({ client, jobQueue, jobDefinition, timeoutSeconds }: BatchComputeOptions): Compute {
  return {
    async start(attempt) {
      const seconds = await timeoutSeconds(attempt);
      const timeout = seconds && { attemptDurationSeconds: Math.max(SHORTEST_TIMEOUT, Math.ceil(seconds)) };
      const command = new SubmitJobCommand({
        jobName: batchJobName(attempt),
        jobQueue,
        jobDefinition,
        containerOverrides: { command: [attempt.job, `${attempt.attempt}`] },
        ...(timeout && { timeout }),
      });
      const { jobId = '' } = await callingAws(attempt.job, () => client.send(command));
      return jobId;
    },

    async stop(handle) {
      // Nothing happens when the job has ended, or AWS Batch has forgotten it.
      await callingAws(handle, () => client.send(new TerminateJobCommand({ jobId: handle, reason: 'no longer wanted' })));
    },

    async state(handle) {
      const { jobs = [] } = await callingAws(handle, () => client.send(new DescribeJobsCommand({ jobs: [handle] })));
      return stateOf(jobs[0]?.status);
    },
  };
}

/** A Batch job is named for its attempt, so that whoever sees its events knows whose they are. */
export function batchJobName({ job, attempt }: JobAttempt): string {
  return `${job}-${attempt}`;
}

/** @returns undefined for a Batch job that is none of ours */
export function attemptOfBatchJob(name: string): JobAttempt | undefined {
  const [, job, attempt] = /^(job-[0-9a-z]{9}-[0-9a-z]{10})-([1-9][0-9]*)$/.exec(name) ?? [];
  return job === undefined ? undefined : { job, attempt: Number(attempt) };
}

/** AWS Batch forgets a job a day after its end: then only the lease tells. */
function stateOf(status: JobStatus | undefined): 'alive' | 'ended' | 'unknown' {
  if (status === undefined) return 'unknown';
  return status === 'SUCCEEDED' || status === 'FAILED' ? 'ended' : 'alive';
}
