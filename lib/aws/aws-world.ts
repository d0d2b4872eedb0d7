import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Log, World } from '../ports.ts';
import { systemClock } from '../store/system-clock.ts';
import { clientSettings, s3Settings } from './clients.ts';
import { requireEnv } from './require-env.ts';
import { openSourceBuckets } from './s3-source-buckets.ts';
import { openS3Store } from './s3-store.ts';
import { openSqsQueue } from './sqs-queue.ts';
import { deployedTargets, functionMemoryOf, gpuInstancesOf, maxFunctionsOf, maxMachinesOf } from './targeted-compute.ts';

/** A world in AWS, configured by environment variables. */
export interface AwsWorld extends World {
  /** Ends each waiting `receive`, and closes the connections. */
  close(): void;
}

/**
 * Opens the world of a deployment.
 * @throws UsageError ENVIRONMENT_INCOMPLETE
 */
export function openAwsWorld(environment: NodeJS.ProcessEnv, log: Log): AwsWorld {
  const s3 = new S3Client(s3Settings(environment));
  const sqs = new SQSClient(clientSettings());
  const sources = openSourceBuckets(environment);
  const buckets = { data: requireEnv(environment, 'GRAFT_DATA_BUCKET'), models: requireEnv(environment, 'GRAFT_MODEL_BUCKET') };
  const queueOf = (name: string) => openSqsQueue({ client: sqs, url: requireEnv(environment, name) });
  const imports = queueOf('GRAFT_IMPORT_QUEUE_URL');
  const trainings = queueOf('GRAFT_TRAINING_QUEUE_URL');
  const webhooks = queueOf('GRAFT_WEBHOOK_QUEUE_URL');
  // Absent in a deployment of an earlier version, or of buckets and queues alone.
  const extractions = environment.GRAFT_EXTRACTION_QUEUE_URL ? queueOf('GRAFT_EXTRACTION_QUEUE_URL') : undefined;
  return {
    store: openS3Store({ client: s3, buckets }),
    buckets: sources,
    queues: { imports, trainings, webhooks, extractions },
    targets: deployedTargets(environment),
    maxMachines: maxMachinesOf(environment),
    maxFunctions: maxFunctionsOf(environment),
    gpuInstances: gpuInstancesOf(environment),
    functionMemory: functionMemoryOf(environment),
    clock: systemClock,
    log,
    close() {
      imports.close();
      trainings.close();
      webhooks.close();
      extractions?.close();
      s3.destroy();
      sources.close();
      sqs.destroy();
    },
  };
}
