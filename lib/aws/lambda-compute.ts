import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Compute } from '../ports.ts';
import { withAwsErrors } from './aws-errors.ts';

export interface LambdaComputeOptions {
  readonly client: LambdaClient;
  /** Name or ARN of the training function. */
  readonly functionName: string;
  /** How many calls may run at once. */
  readonly most: number;
}

/** A job that found no function free looks again after this time. */
const WAIT_SECONDS = 20;

/**
 * Attempts as calls of the training Lambda, which are queued and answered by nobody. A handle is the call's request id,
 * with which nothing can be asked or stopped: an attempt that is no longer wanted finds that out itself when it renews
 * its lease.
 */
export function openLambdaCompute({ client, functionName, most }: LambdaComputeOptions): Compute {
  return {
    async start({ job, attempt }) {
      const command = new InvokeCommand({
        FunctionName: functionName,
        InvocationType: 'Event',
        Payload: new TextEncoder().encode(JSON.stringify({ job, attempt })),
      });
      const { $metadata: metadata } = await withAwsErrors(job, () => client.send(command));
      return metadata.requestId ?? `${job}-${attempt}`;
    },
    async stop() {},
    state: async () => 'unknown',
    limit: async () => ({ pool: 'lambda', most, waitSeconds: WAIT_SECONDS }),
  };
}
