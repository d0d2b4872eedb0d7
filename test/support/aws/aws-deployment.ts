import type { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll } from 'vitest';
import { routes } from '../../../functions/api/routes.ts';
import { type AwsWorld, openAwsWorld } from '../../../lib/aws/aws-world.ts';
import { type Client, createClient } from '../../../lib/client/client.ts';
import { scratchFolder } from '../graft.ts';
import { deployStorage } from './deploy-storage.ts';
import { type FakeBatch, startFakeBatch } from './fake-batch.ts';
import { httpApi } from './lambda-events.ts';
import { sqsClient, useLocalStack } from './localstack.ts';

/**
 * Buckets and queues that CDK has made in LocalStack, AWS Batch as a process of its own for each job, and the real
 * Lambda functions over them.
 */
export interface Deployment {
  readonly world: AwsWorld;
  readonly client: Client;
  readonly batch: FakeBatch;
  readonly sqs: SQSClient;
  readonly queues: Readonly<Record<'imports' | 'trainings' | 'webhooks' | 'extractions', { readonly url: string }>>;
  readonly functions: Awaited<ReturnType<typeof loadFunctions>>;
}

/** One for a test file: the functions read the environment once, when they are loaded. */
export async function deploy(): Promise<Deployment> {
  const environment = useLocalStack();
  const sqs = sqsClient();
  const batch = await startFakeBatch();
  const storage = await deployStorage(environment, scratchFolder({ until: 'file' }));
  Object.assign(environment, {
    ...storage,
    AWS_ENDPOINT_URL_BATCH: batch.endpoint,
    GRAFT_EXTRACTION_FUNCTIONS: '2',
    GRAFT_BATCH_QUEUE: 'graft-gpu',
    GRAFT_BATCH_JOB_DEFINITION: 'graft-train',
    // The training function's bundle has no native TensorFlow.
    GRAFT_ENGINE: 'onnx',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  });
  const world = openAwsWorld(environment, () => {});
  const functions = await loadFunctions();
  afterAll(async () => {
    world.close();
    sqs.destroy();
    await batch.close();
  });
  const send = httpApi(({ contract }) => (contract.path.endsWith('/predict') ? functions.predict : functions.api), routes);
  const queues = {
    imports: { url: storage.GRAFT_IMPORT_QUEUE_URL },
    trainings: { url: storage.GRAFT_TRAINING_QUEUE_URL },
    webhooks: { url: storage.GRAFT_WEBHOOK_QUEUE_URL },
    extractions: { url: storage.GRAFT_EXTRACTION_QUEUE_URL },
  };
  return { world, client: createClient(send), batch, sqs, queues, functions };
}

async function loadFunctions() {
  const [api, predict, imports, dispatch, track, train, extract] = await Promise.all([
    import('../../../functions/api/main.ts'),
    import('../../../functions/predict/main.ts'),
    import('../../../functions/import/main.ts'),
    import('../../../functions/dispatch/main.ts'),
    import('../../../functions/track/main.ts'),
    import('../../../functions/train/lambda.ts'),
    import('../../../functions/extract/main.ts'),
  ]);
  return {
    api: api.handler,
    predict: predict.handler,
    import: imports.handler,
    dispatch: dispatch.handler,
    track: track.handler,
    train: train.handler,
    extract: extract.handler,
  };
}
