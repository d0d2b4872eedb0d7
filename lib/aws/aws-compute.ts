import { BatchClient } from '@aws-sdk/client-batch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { z } from 'zod';
import { jobDocument } from '../jobs/job-store.ts';
import type { Compute, JobAttempt, ObjectStore } from '../ports.ts';
import { openBatchCompute } from './batch-compute.ts';
import { clientSettings } from './clients.ts';
import { openLambdaCompute } from './lambda-compute.ts';
import { need } from './need.ts';
import { type Target, targetedCompute } from './targeted-compute.ts';

/** A worker stops itself at its job's limit and says so; AWS Batch stops the one that does not. */
const GRACE_SECONDS = 120;

/** The compute of a deployment: the training Lambda and AWS Batch. */
export function openAwsCompute(environment: NodeJS.ProcessEnv, store: ObjectStore): Compute {
  const lambda = openLambdaCompute({
    client: new LambdaClient(clientSettings()),
    functionName: need(environment, 'GRAFT_TRAINING_FUNCTION'),
  });
  const gpu = openBatchCompute({
    client: new BatchClient(clientSettings()),
    jobQueue: need(environment, 'GRAFT_BATCH_QUEUE'),
    jobDefinition: need(environment, 'GRAFT_BATCH_JOB_DEFINITION'),
    async timeoutSeconds(attempt) {
      const { maxMinutes } = (await readPlacement(attempt, store)).spec.compute ?? {};
      return maxMinutes === undefined ? undefined : maxMinutes * 60 + GRACE_SECONDS;
    },
  });
  return targetedCompute({ lambda, gpu }, async (attempt) => targetOf(await readPlacement(attempt, store)));
}

/** What a job's record says of where it is to run, whatever kind of job it is. */
const Placement = z.object({
  kind: z.string().optional(),
  spec: z.object({ compute: z.object({ target: z.string().optional(), maxMinutes: z.number().optional() }).optional() }),
  estimate: z.object({ target: z.string() }).optional(),
});
type Placement = z.infer<typeof Placement>;

async function readPlacement({ job }: JobAttempt, store: ObjectStore): Promise<Placement> {
  const object = await store.get(jobDocument.key(job));
  return Placement.parse(JSON.parse(new TextDecoder().decode(object?.body)));
}

/** As was estimated when the job was made; without an estimate, as was asked for. A job that trains nothing needs no GPU. */
export function targetOf({ kind = 'train', spec, estimate }: Placement): Target {
  const target = estimate?.target ?? spec.compute?.target ?? 'auto';
  if (target === 'auto') return kind === 'train' ? 'gpu' : 'lambda';
  return target === 'lambda' ? 'lambda' : 'gpu';
}
