import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Compute } from '../ports.ts';
import { withAwsErrors } from './aws-errors.ts';

export interface LambdaComputeOptions {
  /** It repeats no request (`startSettings`). */
  readonly client: LambdaClient;
  /** Name or ARN of the training function. */
  readonly functionName: string;
  /** Maximum number of concurrent invocations. */
  readonly most: number;
}

/** A job that finds no free function tries again after this time. */
const WAIT_SECONDS = 20;

/**
 * Runs attempts as asynchronous invocations of the training Lambda. A handle is the request id of the invocation, which
 * allows no status query or stop. A cancelled attempt notices when it renews its lease.
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
