import { randomBytes } from 'node:crypto';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll } from 'vitest';
import { z } from 'zod';
import { routes } from '../../functions/api/routes.ts';
import { type AwsWorld, openAwsWorld } from '../../lib/aws/aws-world.ts';
import { type Client, createClient } from '../../lib/client/client.ts';
import { bootstrap, deployStack } from './cdk.ts';
import { type FakeBatch, startFakeBatch } from './fake-batch.ts';
import { scratchFolder } from './graft.ts';
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
  const outputs = await deployStorage(environment);
  const { DataBucket, ModelBucket, ImportQueueUrl, TrainingQueueUrl, WebhookQueueUrl, ExtractionQueueUrl } = outputs;
  Object.assign(environment, {
    AWS_ENDPOINT_URL_BATCH: batch.endpoint,
    GRAFT_DATA_BUCKET: DataBucket,
    GRAFT_MODEL_BUCKET: ModelBucket,
    GRAFT_IMPORT_QUEUE_URL: ImportQueueUrl,
    GRAFT_TRAINING_QUEUE_URL: TrainingQueueUrl,
    GRAFT_WEBHOOK_QUEUE_URL: WebhookQueueUrl,
    GRAFT_EXTRACTION_QUEUE_URL: ExtractionQueueUrl,
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
    imports: { url: ImportQueueUrl },
    trainings: { url: TrainingQueueUrl },
    webhooks: { url: WebhookQueueUrl },
    extractions: { url: ExtractionQueueUrl },
  };
  return { world, client: createClient(send), batch, sqs, queues, functions };
}

const StorageOutputs = z.object({
  DataBucket: z.string(),
  ModelBucket: z.string(),
  ImportQueueUrl: z.url(),
  TrainingQueueUrl: z.url(),
  WebhookQueueUrl: z.url(),
  ExtractionQueueUrl: z.url(),
});

/** The buckets and queues of the app, made by `cdk deploy` under a name of their own. */
async function deployStorage(environment: NodeJS.ProcessEnv): Promise<z.infer<typeof StorageOutputs>> {
  const run = {
    environment: { ...environment, AWS_ENDPOINT_URL_S3: environment.AWS_ENDPOINT_URL },
    folder: scratchFolder({ until: 'file' }),
  };
  await bootstrap(run);
  const app = './node_modules/.bin/node --disable-warning=ExperimentalWarning infra/storage-app.ts';
  const name = `graft-${randomBytes(5).toString('hex')}`;
  return StorageOutputs.parse(await deployStack('GraftStorage', run, ['--app', app, '-c', `name=${name}`]));
}

async function loadFunctions() {
  const [api, predict, imports, dispatch, track, train, extract] = await Promise.all([
    import('../../functions/api/main.ts'),
    import('../../functions/predict/main.ts'),
    import('../../functions/import/main.ts'),
    import('../../functions/dispatch/main.ts'),
    import('../../functions/track/main.ts'),
    import('../../functions/train/lambda.ts'),
    import('../../functions/extract/main.ts'),
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
