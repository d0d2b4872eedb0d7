import { CfnOutput, type Stack } from 'aws-cdk-lib';
import type { Queues } from './queues.ts';
import type { Storage } from './storage.ts';

/**
 * The names of the buckets and queues as outputs of a stack, which are the values of the corresponding GRAFT_
 * variables.
 */
export function addStorageOutputs(
  stack: Stack,
  { dataBucket, modelBucket }: Storage,
  { imports, trainings, webhooks, extractions }: Queues,
): void {
  new CfnOutput(stack, 'DataBucket', { value: dataBucket.bucketName });
  new CfnOutput(stack, 'ModelBucket', { value: modelBucket.bucketName });
  new CfnOutput(stack, 'ImportQueueUrl', { value: imports.queue.queueUrl });
  new CfnOutput(stack, 'TrainingQueueUrl', { value: trainings.queue.queueUrl });
  new CfnOutput(stack, 'WebhookQueueUrl', { value: webhooks.queue.queueUrl });
  new CfnOutput(stack, 'ExtractionQueueUrl', { value: extractions.queue.queueUrl });
}
