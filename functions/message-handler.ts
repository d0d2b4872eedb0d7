import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { readMessage } from '../lib/contracts/message-text.ts';
import type { QueueMessage } from '../lib/contracts/queue-message.ts';
import { errorJson, RuntimeError } from '../lib/errors.ts';
import type { Log } from '../lib/ports.ts';

export interface Received {
  /** 1 for the first delivery. */
  readonly receiveCount: number;
  readonly receipt: string;
  readonly context: Context;
}

/** Handles each message of an event separately: a failed message is delivered again, without the others. */
export function messageHandler(
  handle: (message: QueueMessage, received: Received) => Promise<void>,
  log: Log,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  return (event, context) => {
    const take = async (record: SQSRecord): Promise<void> => {
      const receiveCount = Number(record.attributes.ApproximateReceiveCount);
      try {
        await handle(readMessage(record.body) ?? unreadable(record), { receiveCount, receipt: record.receiptHandle, context });
      } catch (error) {
        log('message.failed', { body: record.body, receiveCount, error: errorJson(error) });
        throw error;
      }
    };
    return processPartialResponse(event, take, new BatchProcessor(EventType.SQS), { context, throwOnFullBatchFailure: false });
  };
}

function unreadable({ body, eventSourceARN }: SQSRecord): never {
  throw new RuntimeError('QUEUE_MESSAGE_UNREADABLE', {
    at: eventSourceARN,
    received: body,
    fix: 'use the version of Graft that sent it',
  });
}
