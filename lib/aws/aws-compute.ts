import { BatchClient } from '@aws-sdk/client-batch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { type AnyJob, isTraining } from '../contracts/job.ts';
import { runLimit } from '../estimates/limits.ts';
import { machinesOf } from '../estimates/spread-extraction.ts';
import { handOversOf } from '../jobs/attempt-limits.ts';
import { readJob } from '../jobs/job-store.ts';
import { MAX_TRAININGS, maxTrainings } from '../jobs/max-trainings.ts';
import type { Compute, ObjectStore } from '../ports.ts';
import { openBatchCompute } from './batch-compute.ts';
import { clientSettings } from './clients.ts';
import { openLambdaCompute } from './lambda-compute.ts';
import { requireEnv } from './require-env.ts';
import { type Target, targetedCompute, targetsOf } from './targeted-compute.ts';

/** A worker stops itself at its job's limit and says so; AWS Batch stops the one that does not. */
const GRACE_SECONDS = 120;

/** The compute of a deployment: the training Lambda, AWS Batch, or both. */
export function openAwsCompute(environment: NodeJS.ProcessEnv, store: ObjectStore): Compute {
  const there = targetsOf(environment);
  const computes = {
    ...(there.includes('lambda') && { lambda: lambdaOf(environment) }),
    ...(there.includes('gpu') && { gpu: batchOf(environment, store) }),
  };
  return targetedCompute(computes, async ({ job, attempt }) => targetOf(await readJob(store, job), attempt, there));
}

function lambdaOf(environment: NodeJS.ProcessEnv): Compute {
  const client = new LambdaClient(clientSettings());
  const functionName = requireEnv(environment, 'GRAFT_TRAINING_FUNCTION');
  return openLambdaCompute({ client, functionName, most: maxTrainings(environment, MAX_TRAININGS) });
}

function batchOf(environment: NodeJS.ProcessEnv, store: ObjectStore): Compute {
  return openBatchCompute({
    client: new BatchClient(clientSettings()),
    jobQueue: requireEnv(environment, 'GRAFT_BATCH_QUEUE'),
    jobDefinition: requireEnv(environment, 'GRAFT_BATCH_JOB_DEFINITION'),
    async timeoutSeconds({ job: id }) {
      const job = await readJob(store, id);
      const limit = isTraining(job) ? runLimit(job.spec.compute, job.estimate) : undefined;
      return limit && limit.seconds + GRACE_SECONDS;
    },
    machines: async ({ job }) => machinesOf(await readJob(store, job)),
  });
}

/**
 * A training runs where it was estimated to run when it was made. Where a function's quarter of an hour was not enough, it goes on on AWS Batch,
 * unless it was asked to stay or to cost no more than so much, for which its estimate counts; and without AWS Batch in another call of the
 * function. Any other job begins in a Lambda function, and moves to AWS Batch where that was not enough.
 */
export function targetOf(job: AnyJob, attempt: number, there: readonly Target[]): Target {
  if (isTraining(job)) {
    const { target, maxCost } = job.spec.compute;
    const mayMove = there.includes('gpu') && target === 'auto' && maxCost === undefined;
    return job.estimate?.target === 'lambda' && !(mayMove && handOversOf(job) > 0) ? 'lambda' : 'gpu';
  }
  return there.includes('lambda') && (attempt === 1 || !there.includes('gpu')) ? 'lambda' : 'gpu';
}
