import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { bootstrap, deployStack } from './cdk.ts';

const StorageOutputs = z.object({
  DataBucket: z.string(),
  ModelBucket: z.string(),
  ImportQueueUrl: z.url(),
  TrainingQueueUrl: z.url(),
  WebhookQueueUrl: z.url(),
  ExtractionQueueUrl: z.url(),
});

/** The variables by which functions and workers find the buckets and queues of a deployment. */
export type StorageVariables = Readonly<
  Record<
    | 'GRAFT_DATA_BUCKET'
    | 'GRAFT_MODEL_BUCKET'
    | 'GRAFT_IMPORT_QUEUE_URL'
    | 'GRAFT_TRAINING_QUEUE_URL'
    | 'GRAFT_WEBHOOK_QUEUE_URL'
    | 'GRAFT_EXTRACTION_QUEUE_URL',
    string
  >
>;

/**
 * Makes the buckets and queues of a deployment by `cdk deploy`, under a name of their own.
 * @param environment sends CDK to an emulator
 * @param folder keeps what CDK writes
 */
export async function deployStorage(environment: NodeJS.ProcessEnv, folder: string): Promise<StorageVariables> {
  const run = { environment: { ...environment, AWS_ENDPOINT_URL_S3: environment.AWS_ENDPOINT_URL }, folder };
  await bootstrap(run);
  const app = './node_modules/.bin/node --disable-warning=ExperimentalWarning infra/storage-app.ts';
  const name = `graft-${randomBytes(5).toString('hex')}`;
  const outputs = StorageOutputs.parse(await deployStack('GraftStorage', run, ['--app', app, '-c', `name=${name}`]));
  return {
    GRAFT_DATA_BUCKET: outputs.DataBucket,
    GRAFT_MODEL_BUCKET: outputs.ModelBucket,
    GRAFT_IMPORT_QUEUE_URL: outputs.ImportQueueUrl,
    GRAFT_TRAINING_QUEUE_URL: outputs.TrainingQueueUrl,
    GRAFT_WEBHOOK_QUEUE_URL: outputs.WebhookQueueUrl,
    GRAFT_EXTRACTION_QUEUE_URL: outputs.ExtractionQueueUrl,
  };
}
