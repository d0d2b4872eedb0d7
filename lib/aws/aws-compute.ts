import { BatchClient } from '@aws-sdk/client-batch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { AttemptTarget } from '../contracts/compute.ts';
import type { Compute, JobAttempt } from '../ports.ts';
import { type BatchNeeds, openBatchCompute } from './batch-compute.ts';
import { clientSettings, startSettings } from './clients.ts';
import { openLambdaCompute } from './lambda-compute.ts';
import { requireEnv } from './require-env.ts';
import { deployedTargets, targetedCompute } from './targeted-compute.ts';

export interface AwsComputeOptions {
  /** Decides where an attempt runs, and which resources it needs. */
  readonly needsOf: (attempt: JobAttempt) => Promise<BatchNeeds & { readonly target: AttemptTarget }>;
  /** Maximum number of concurrent attempts in Lambda functions. */
  readonly mostInLambda: () => number;
  /** What starts attempts that functions extract features for. Absent if the deployment has none. */
  readonly functions?: Compute | undefined;
}

/**
 * Opens the compute of a deployment: the training Lambda, AWS Batch, or both.
 * @throws UsageError ENVIRONMENT_INCOMPLETE
 */
export function openAwsCompute(environment: NodeJS.ProcessEnv, { needsOf, mostInLambda, functions }: AwsComputeOptions): Compute {
  const targets = deployedTargets(environment);
  const computes = {
    ...(targets.includes('lambda') && { lambda: lambdaOf(environment, mostInLambda()) }),
    ...(functions && { functions }),
    ...(targets.includes('gpu') && { gpu: batchOf(environment, needsOf) }),
  };
  return targetedCompute(computes, async (attempt) => (await needsOf(attempt)).target);
}

function lambdaOf(environment: NodeJS.ProcessEnv, most: number): Compute {
  const client = new LambdaClient(startSettings());
  return openLambdaCompute({ client, functionName: requireEnv(environment, 'GRAFT_TRAINING_FUNCTION'), most });
}

function batchOf(environment: NodeJS.ProcessEnv, needsOf: AwsComputeOptions['needsOf']): Compute {
  return openBatchCompute({
    client: new BatchClient(clientSettings()),
    starter: new BatchClient(startSettings()),
    jobQueue: requireEnv(environment, 'GRAFT_BATCH_QUEUE'),
    jobDefinition: requireEnv(environment, 'GRAFT_BATCH_JOB_DEFINITION'),
    needsOf,
  });
}
