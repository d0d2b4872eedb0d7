/** Messages as a queue carries them. */
import { z } from 'zod';
import { SpecError } from '../errors.ts';
import { QueueMessage } from './queue-message.ts';

/** How often a message is delivered before it is a dead letter. */
export const MAX_RECEIVES = 3;

/** @throws SpecError QUEUE_MESSAGE_INVALID */
export function writeMessage(message: QueueMessage): string {
  const checked = QueueMessage.safeParse(message);
  if (checked.success) return JSON.stringify(checked.data);
  const expected = z.prettifyError(checked.error);
  throw new SpecError('QUEUE_MESSAGE_INVALID', { expected, received: message, fix: 'send a message of a known type' });
}

/** What this version cannot read, a newer one may: it is not delivered, and ends among the dead letters. */
export function readMessage(body: string): QueueMessage | undefined {
  try {
    return QueueMessage.parse(JSON.parse(body));
  } catch {
    return undefined;
  }
}
