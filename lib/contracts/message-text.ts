/** Encodes and decodes queue messages. */
import { z } from 'zod';
import { SpecError } from '../errors.ts';
import { QueueMessage } from './queue-message.ts';

/** Number of deliveries before a message becomes a dead letter. */
export const MAX_RECEIVES = 3;

/**
 * Encodes a queue message as JSON.
 * @throws SpecError QUEUE_MESSAGE_INVALID
 */
export function writeMessage(message: QueueMessage): string {
  const checked = QueueMessage.safeParse(message);
  if (checked.success) return JSON.stringify(checked.data);
  const expected = z.prettifyError(checked.error);
  throw new SpecError('QUEUE_MESSAGE_INVALID', { expected, received: message, fix: 'send a message of a known type' });
}

/**
 * Decodes a queue message.
 * @returns undefined if this version cannot read the message. A newer version might, so the message is not delivered
 * and becomes a dead letter.
 */
export function readMessage(body: string): QueueMessage | undefined {
  try {
    return QueueMessage.parse(JSON.parse(body));
  } catch {
    return undefined;
  }
}
