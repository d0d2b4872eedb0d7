import {
  type BatchClient,
  DescribeJobsCommand,
  type JobStatus,
  SubmitJobCommand,
  type SubmitJobCommandInput,
  TerminateJobCommand,
} from '@aws-sdk/client-batch';
import type { Compute, JobAttempt } from '../ports.ts';
import { withAwsErrors } from './aws-errors.ts';

export interface BatchComputeOptions {
  readonly client: BatchClient;
  /** Names or ARNs. */
  readonly jobQueue: string;
  readonly jobDefinition: string;
  readonly needsOf: (attempt: JobAttempt) => Promise<BatchNeeds>;
}

/** What an attempt needs of AWS Batch. */
export interface BatchNeeds {
  /** The most that the attempt may run; undefined where the job has no limit. AWS Batch takes no less than a minute. */
  readonly timeoutSeconds?: number | undefined;
  /** How many machines extract features before the attempt trains; undefined where its own does. */
  readonly machines?: number | undefined;
}

const SHORTEST_TIMEOUT = 60;

/**
 * Attempts as jobs of AWS Batch: containers on machines with a GPU that start for them. Where several machines extract
 * features first, they are an array job, and the attempt's own job waits until all of it has succeeded. A handle is the
 * id of the attempt's job, and of the array's.
 */
export function openBatchCompute({ client, jobQueue, jobDefinition, needsOf }: BatchComputeOptions): Compute {
  const submit = async (at: string, input: Omit<SubmitJobCommandInput, 'jobQueue' | 'jobDefinition'>): Promise<string> => {
    const { jobId = '' } = await withAwsErrors(at, () =>
      client.send(new SubmitJobCommand({ ...input, jobQueue, jobDefinition })),
    );
    return jobId;
  };
  // Nothing happens when the job has ended, or AWS Batch has forgotten it.
  const terminate = (jobId: string) =>
    withAwsErrors(jobId, () => client.send(new TerminateJobCommand({ jobId, reason: 'no longer wanted' })));

  async function startArray(attempt: JobAttempt, size: number | undefined): Promise<string | undefined> {
    if (size === undefined) return undefined;
    return submit(attempt.job, {
      jobName: `${batchJobName(attempt)}-features`,
      arrayProperties: { size },
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
        // Nobody would train on its features.
        if (array !== undefined) await terminate(array);
        throw error;
      }
    },

    async stop(handle) {
      for (const jobId of handle.split('+')) await terminate(jobId);
    },

    async state(handle) {
      // While the array works, the attempt's own job waits; where it has failed, so has that.
      const [own = ''] = handle.split('+');
      const { jobs = [] } = await withAwsErrors(handle, () => client.send(new DescribeJobsCommand({ jobs: [own] })));
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
