import { CfnOutput, type Stack } from 'aws-cdk-lib';
import type { Queues } from './queues.ts';
import type { Storage } from './storage.ts';

/** What a stack tells of its buckets and queues: the names that the GRAFT_ variables of the same words take. */
export function addStorageOutputs(
  stack: Stack,
  { dataBucket, modelBucket }: Storage,
  { imports, trainings, webhooks }: Queues,
): void {
  new CfnOutput(stack, 'DataBucket', { value: dataBucket.bucketName });
  new CfnOutput(stack, 'ModelBucket', { value: modelBucket.bucketName });
  new CfnOutput(stack, 'ImportQueueUrl', { value: imports.queue.queueUrl });
  new CfnOutput(stack, 'TrainingQueueUrl', { value: trainings.queue.queueUrl });
  new CfnOutput(stack, 'WebhookQueueUrl', { value: webhooks.queue.queueUrl });
}
