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

/** Long enough to read all dead letters, short enough that one whose reader died is soon seen again. */
const HIDDEN_SECONDS = 30;

const RedrivePolicy = z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number().int() });

/** What a queue does with what is received too often. */
export interface DeadLetterSettings {
  readonly deadLetterUrl: string;
  /** How often a message is delivered before it is a dead letter. */
  readonly maxReceives: number;
}

/** Asks the queue itself. @throws RuntimeError QUEUE_WITHOUT_DEAD_LETTERS */
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
  // URLs of queues end in account and name; to ask for this one would take one permission more.
  const deadLetterUrl = [...url.split('/').slice(0, -2), ...deadLetterTargetArn.split(':').slice(-2)].join('/');
  return { deadLetterUrl, maxReceives: maxReceiveCount };
}

/**
 * Whether there are dead letters, as far as SQS knows in this minute: asking costs nothing but the question, and to
 * receive takes a wait.
 */
export async function hasDeadLetters(client: SQSClient, deadLetterUrl: string): Promise<boolean> {
  const asked = new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames: ['ApproximateNumberOfMessages'] });
  const { ApproximateNumberOfMessages: count } = (await client.send(asked)).Attributes ?? {};
  return count !== '0';
}

/**
 * Shows every dead letter of the queue `url`, and puts back those that are kept. Letters of other queues that share the
 * dead-letter queue are left as they are.
 * @param look says whether the letter is to go
 * @returns how many were taken
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
          // A wait asks all servers of the queue; without it a few letters may be overlooked.
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
    for (const message of kept) {
      await client.send(new ChangeMessageVisibilityCommand({ ...request(message), VisibilityTimeout: 0 }));
    }
  }
}

/** Whether an ARN (`arn:aws:sqs:REGION:ACCOUNT:NAME`) and a URL (`https://.../ACCOUNT/NAME`) name the same queue. */
function isOf(url: string, arn = ''): boolean {
  return arn.split(':').slice(-2).join('/') === url.split('/').slice(-2).join('/');
}
