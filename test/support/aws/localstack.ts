/** LocalStack for the tests of one run: started once, on a free port of the loopback, and ended by its process id. */
import { randomBytes } from 'node:crypto';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { inject } from 'vitest';
import { clientSettings, s3Settings } from '../../../lib/aws/clients.ts';

/** @public for tests that need one of their own */
export { type LocalStack, startLocalStack } from '../../../infra/localstack/start-localstack.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** What finds the LocalStack of this run. */
    localStack: Record<string, string>;
  }
}

/** Points this process, and the SDK in it, at the LocalStack of this run. */
export function useLocalStack(): NodeJS.ProcessEnv {
  Object.assign(process.env, inject('localStack'));
  return process.env;
}

export function s3Client(): S3Client {
  return new S3Client(s3Settings(useLocalStack()));
}

export function sqsClient(): SQSClient {
  useLocalStack();
  return new SQSClient(clientSettings());
}

/** A name that nothing else has. */
export function uniqueName(kind: string): string {
  return `graft-${kind}-${randomBytes(6).toString('hex')}`;
}

export async function makeBucket(client: S3Client, kind: string): Promise<string> {
  const name = uniqueName(kind);
  await client.send(new CreateBucketCommand({ Bucket: name }));
  return name;
}

export interface TestQueue {
  readonly url: string;
  readonly deadLetterUrl: string;
}

/** A queue and its dead-letter queue, as they are deployed but for their times. */
export async function makeQueue(
  client: SQSClient,
  kind: string,
  { maxReceives = 3, visibilitySeconds = 30 } = {},
): Promise<TestQueue> {
  const name = uniqueName(kind);
  const { QueueUrl: deadLetterUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: `${name}-dead` }));
  const asked = new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames: ['QueueArn'] });
  const { QueueArn: deadLetterTargetArn } = (await client.send(asked)).Attributes ?? {};
  const { QueueUrl: url = '' } = await client.send(
    new CreateQueueCommand({
      QueueName: name,
      Attributes: {
        VisibilityTimeout: `${visibilitySeconds}`,
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: maxReceives }),
      },
    }),
  );
  return { url, deadLetterUrl };
}
