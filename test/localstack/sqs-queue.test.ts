import { setTimeout as wait } from 'node:timers/promises';
import { openSqsQueue } from '../../lib/aws/sqs-queue.ts';
import { makeQueue, sqsClient } from '../support/aws/localstack.ts';
import { jobQueueContract } from '../support/port-contracts.ts';

jobQueueContract(
  'SQS',
  async () => {
    const client = sqsClient();
    const { url } = await makeQueue(client, 'queue');
    const queue = openSqsQueue({ client, url });
    return {
      queue,
      async dispose() {
        queue.close();
        client.destroy();
      },
    };
  },
  // The time of a queue in AWS passes by itself.
  { advance: (seconds) => wait(seconds * 1000) },
);
