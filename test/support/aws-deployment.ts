import type { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll } from 'vitest';
import { routes } from '../../functions/api/routes.ts';
import { type AwsWorld, openAwsWorld } from '../../lib/aws/aws-world.ts';
import { type Client, createClient } from '../../lib/client/client.ts';
import { type FakeBatch, startFakeBatch } from './fake-batch.ts';
import { httpApi } from './lambda-events.ts';
import { makeBucket, makeQueue, s3Client, sqsClient, type TestQueue, useLocalStack } from './localstack.ts';

/** Buckets and queues in LocalStack, AWS Batch as a process of its own for each job, and the real Lambda functions over them. */
export interface Deployment {
  readonly world: AwsWorld;
  readonly client: Client;
  readonly batch: FakeBatch;
  readonly sqs: SQSClient;
  readonly queues: Readonly<Record<'imports' | 'trainings' | 'webhooks', TestQueue>>;
  readonly functions: Awaited<ReturnType<typeof loadFunctions>>;
}

/** One for a test file: the functions read the environment once, when they are loaded. */
export async function deploy(): Promise<Deployment> {
  const environment = useLocalStack();
  const s3 = s3Client();
  const sqs = sqsClient();
  const batch = await startFakeBatch();
  // A message that fails comes again as soon as a test wants it to.
  const queueOf = (kind: string) => makeQueue(sqs, kind, { visibilitySeconds: 2 });
  const queues = {
    imports: await queueOf('imports'),
    trainings: await queueOf('trainings'),
    webhooks: await queueOf('webhooks'),
  };
  Object.assign(environment, {
    AWS_ENDPOINT_URL_BATCH: batch.endpoint,
    GRAFT_DATA_BUCKET: await makeBucket(s3, 'data'),
    GRAFT_MODEL_BUCKET: await makeBucket(s3, 'models'),
    GRAFT_IMPORT_QUEUE_URL: queues.imports.url,
    GRAFT_TRAINING_QUEUE_URL: queues.trainings.url,
    GRAFT_WEBHOOK_QUEUE_URL: queues.webhooks.url,
    GRAFT_BATCH_QUEUE: 'graft-gpu',
    GRAFT_BATCH_JOB_DEFINITION: 'graft-train',
    GRAFT_TENSORFLOW: 'wasm',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  });
  const world = openAwsWorld(environment, () => {});
  const functions = await loadFunctions();
  afterAll(async () => {
    world.close();
    s3.destroy();
    sqs.destroy();
    await batch.close();
  });
  const send = httpApi(({ contract }) => (contract.path.endsWith('/predict') ? functions.predict : functions.api), routes);
  return { world, client: createClient(send), batch, sqs, queues, functions };
}

async function loadFunctions() {
  const [api, predict, imports, dispatch, track] = await Promise.all([
    import('../../functions/api/main.ts'),
    import('../../functions/predict/main.ts'),
    import('../../functions/import/main.ts'),
    import('../../functions/dispatch/main.ts'),
    import('../../functions/track/main.ts'),
  ]);
  return {
    api: api.handler,
    predict: predict.handler,
    import: imports.handler,
    dispatch: dispatch.handler,
    track: track.handler,
  };
}
