import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { sum } from '../arithmetic.ts';
import { readMessage, writeMessage } from '../contracts/message-text.ts';
import { openOnce } from '../open-once.ts';
import type { Delivery, JobQueue } from '../ports.ts';
import { withAwsErrors } from './aws-errors.ts';
import { isReceiptExpired } from './receipt-expired.ts';
import { forEachDeadLetter, hasDeadLetters, readDeadLetterSettings } from './sqs-dead-letters.ts';

export interface SqsQueueOptions {
  readonly client: SQSClient;
  readonly url: string;
}

export interface SqsQueue extends JobQueue {
  /** Makes each waiting `receive` return nothing. */
  close(): void;
}

/** SQS's limits: messages per request, and seconds per poll and delay. */
const MOST_MESSAGES = 10;
const LONGEST_POLL = 20;
const LONGEST_DELAY = 900;

/** Opens a JobQueue on SQS. The queue's redrive policy sets the number of deliveries. */
export function openSqsQueue({ client, url }: SqsQueueOptions): SqsQueue {
  const closed = new AbortController();
  /** Only dead letters need them. */
  const settings = openOnce(() => withAwsErrors(url, () => readDeadLetterSettings(client, url)));

  async function forEach(look: (message: Message) => Promise<'kept' | 'taken'>): Promise<number> {
    const { deadLetterUrl } = await settings.get();
    return withAwsErrors(deadLetterUrl, () => forEachDeadLetter(client, { url, deadLetterUrl }, look));
  }

  return {
    async send(message, { delaySeconds = 0 } = {}) {
      const body = writeMessage(message);
      const delay = Math.min(Math.ceil(delaySeconds), LONGEST_DELAY);
      const command = new SendMessageCommand({ QueueUrl: url, MessageBody: body, ...(delay > 0 && { DelaySeconds: delay }) });
      await withAwsErrors(url, () => client.send(command));
    },

    async receive({ max, visibilitySeconds, waitSeconds = 0 }) {
      const command = new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: Math.min(max, MOST_MESSAGES),
        VisibilityTimeout: Math.ceil(visibilitySeconds),
        WaitTimeSeconds: Math.min(Math.ceil(waitSeconds), LONGEST_POLL),
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      });
      const { Messages: messages = [] } = await withAwsErrors(url, () =>
        client.send(command, { abortSignal: closed.signal }).catch((error) => {
          if (closed.signal.aborted) return { Messages: [] };
          throw error;
        }),
      );
      return messages.flatMap(deliveryOf);
    },

    extend: (receipt, visibilitySeconds) =>
      aboutReceipt(url, () => {
        const VisibilityTimeout = Math.ceil(visibilitySeconds);
        return client.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: receipt, VisibilityTimeout }));
      }),

    acknowledge: (receipt) =>
      aboutReceipt(url, () => client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: receipt }))),

    async deadLetters() {
      const { deadLetterUrl } = await settings.get();
      if (!(await withAwsErrors(deadLetterUrl, () => hasDeadLetters(client, deadLetterUrl)))) return [];
      const messages: Message[] = [];
      await forEach(async (message) => {
        messages.push(message);
        return 'kept';
      });
      return messages.sort((a, b) => sentAt(a) - sentAt(b)).flatMap(({ Body: body = '' }) => readMessage(body) ?? []);
    },

    redrive: () =>
      // Send the new message first: a crash before the deletion leaves a duplicate, which is harmless.
      forEach(async ({ Body: body = '' }) => {
        await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
        return 'taken';
      }),

    maxReceives: async () => (await settings.get()).maxReceives,

    async size() {
      const command = new GetQueueAttributesCommand({
        QueueUrl: url,
        AttributeNames: [
          'ApproximateNumberOfMessages',
          'ApproximateNumberOfMessagesNotVisible',
          'ApproximateNumberOfMessagesDelayed',
        ],
      });
      const { Attributes: counts = {} } = await withAwsErrors(url, () => client.send(command));
      return sum(Object.values(counts).map(Number));
    },

    close: () => closed.abort(),
  };
}

/** Decodes a message. An unreadable message is not delivered, and becomes a dead letter after repeated receives. */
function deliveryOf({ Body: body = '', ReceiptHandle: receipt = '', Attributes: attributes = {} }: Message): Delivery[] {
  const message = readMessage(body);
  if (message === undefined) return [];
  return [{ message, receipt, receiveCount: Number(attributes.ApproximateReceiveCount ?? 1) }];
}

/** Runs a call for a receipt. Ignores the failure if the receipt has expired. */
async function aboutReceipt(url: string, call: () => Promise<unknown>): Promise<void> {
  await withAwsErrors(url, () =>
    call().catch((error) => {
      if (!isReceiptExpired(error)) throw error;
    }),
  );
}

function sentAt({ Attributes: attributes = {} }: Message): number {
  return Number(attributes.SentTimestamp ?? 0);
}
