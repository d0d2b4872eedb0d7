import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { RuntimeError } from '../errors.ts';
import { isReceiptExpired } from './receipt-expired.ts';

/** Long enough to read all dead letters, short enough that messages of a crashed reader soon become visible again. */
const HIDDEN_SECONDS = 30;

const RedrivePolicy = z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number().int() });

/** How a queue handles messages that were received too often. */
export interface DeadLetterSettings {
  readonly deadLetterUrl: string;
  /** Number of deliveries before a message becomes a dead letter. */
  readonly maxReceives: number;
}

/**
 * Reads the settings from the queue's redrive policy.
 * @throws RuntimeError QUEUE_WITHOUT_DEAD_LETTERS
 */
export async function readDeadLetterSettings(client: SQSClient, url: string): Promise<DeadLetterSettings> {
  const asked = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['RedrivePolicy'] });
  const { RedrivePolicy: text } = (await client.send(asked)).Attributes ?? {};
  if (text === undefined) {
    throw new RuntimeError('QUEUE_WITHOUT_DEAD_LETTERS', {
      at: url,
      expected: 'a redrive policy, so that a message that always fails is not received forever',
      fix: 'graft deploy sets it',
    });
  }
  const { deadLetterTargetArn, maxReceiveCount } = RedrivePolicy.parse(JSON.parse(text));
  // A queue URL ends in account and name. Requesting the URL would need another permission.
  const deadLetterUrl = [...url.split('/').slice(0, -2), ...deadLetterTargetArn.split(':').slice(-2)].join('/');
  return { deadLetterUrl, maxReceives: maxReceiveCount };
}

/** Checks for dead letters, by SQS's approximate count. This is faster than receiving, which has to wait. */
export async function hasDeadLetters(client: SQSClient, deadLetterUrl: string): Promise<boolean> {
  const asked = new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames: ['ApproximateNumberOfMessages'] });
  const { ApproximateNumberOfMessages: count } = (await client.send(asked)).Attributes ?? {};
  return count !== '0';
}

/**
 * Passes each dead letter of the queue `url` to `look`, and restores those to keep. Ignores the letters of other queues
 * that share the dead-letter queue.
 * @param look returns `taken` to remove the letter, `kept` to restore it
 * @returns the number of removed letters
 */
export async function forEachDeadLetter(
  client: SQSClient,
  { url, deadLetterUrl }: { readonly url: string; readonly deadLetterUrl: string },
  look: (message: Message) => Promise<'kept' | 'taken'>,
): Promise<number> {
  const kept: Message[] = [];
  let taken = 0;
  const request = (message: Message) => ({ QueueUrl: deadLetterUrl, ReceiptHandle: message.ReceiptHandle });
  try {
    for (;;) {
      const { Messages: page = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: deadLetterUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: HIDDEN_SECONDS,
          // Long polling queries all servers of the queue. A short poll may miss messages.
          WaitTimeSeconds: 1,
          MessageSystemAttributeNames: ['DeadLetterQueueSourceArn', 'SentTimestamp'],
        }),
      );
      if (page.length === 0) return taken;
      for (const message of page) {
        const isOurs = isOf(url, message.Attributes?.DeadLetterQueueSourceArn);
        if (!isOurs || (await look(message)) === 'kept') kept.push(message);
        else {
          await client.send(new DeleteMessageCommand(request(message)));
          taken++;
        }
      }
    }
  } finally {
    // Letters are visible again after HIDDEN_SECONDS in any case, and others may have removed some meanwhile.
    for (const message of kept) {
      await client.send(new ChangeMessageVisibilityCommand({ ...request(message), VisibilityTimeout: 0 })).catch(unlessExpired);
    }
  }
}

function unlessExpired(error: unknown): void {
  if (!isReceiptExpired(error)) throw error;
}

/**
 * Checks whether an ARN (`arn:aws:sqs:REGION:ACCOUNT:NAME`) and a URL (`https://.../ACCOUNT/NAME`) identify the same
 * queue.
 */
function isOf(url: string, arn = ''): boolean {
  return arn.split(':').slice(-2).join('/') === url.split('/').slice(-2).join('/');
}
