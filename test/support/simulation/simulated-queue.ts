import type { QueueMessage } from '../../../lib/contracts/queue-message.ts';
import type { Delivery, JobQueue } from '../../../lib/ports.ts';
import type { Actor, Scheduler } from './scheduler.ts';

export interface QueuedMessage {
  readonly message: QueueMessage;
  visibleAt: number;
  receives: number;
}

export const MAX_RECEIVES = 4;
export const HIDDEN_MS = 960_000;

interface QueueOptions {
  readonly maxReceives?: number;
  /** Milliseconds by which a message is late. */
  readonly delay?: () => number;
  /** Whether a message is lost after it was accepted. */
  readonly isLost?: () => boolean;
}

/** A queue as its senders see it; the simulation itself delivers. */
export function simulatedQueue(
  messages: QueuedMessage[],
  scheduler: Scheduler,
  actor: Actor,
  { maxReceives = MAX_RECEIVES, delay = () => 0, isLost = () => false }: QueueOptions = {},
): JobQueue {
  return {
    async send(message, { delaySeconds = 0 } = {}) {
      await scheduler.turn(actor);
      const queued = { message, visibleAt: scheduler.now + delaySeconds * 1000 + delay(), receives: 0 };
      if (!isLost()) messages.push(queued);
      await scheduler.turn(actor);
    },
    async deadLetters() {
      await scheduler.turn(actor);
      return messages
        .filter(({ receives, visibleAt }) => receives >= maxReceives && visibleAt <= scheduler.now)
        .map(({ message }) => message);
    },
    async extend(receipt, visibilitySeconds) {
      await scheduler.turn(actor);
      const held = messages.find((queued) => receiptOf(queued) === receipt);
      if (held !== undefined) held.visibleAt = scheduler.now + visibilitySeconds * 1000;
    },
    maxReceives: async () => maxReceives,
    receive: async () => [],
    acknowledge: async () => {},
    redrive: async () => 0,
    size: async () => messages.filter(({ receives, visibleAt }) => receives < maxReceives || visibleAt > scheduler.now).length,
  };
}

/** Hands a message to a consumer: it is hidden from the others for a while. */
export function receiveMessage(queued: QueuedMessage, now: number, hiddenMs: number = HIDDEN_MS): Delivery {
  queued.receives++;
  queued.visibleAt = now + hiddenMs;
  return { message: queued.message, receipt: receiptOf(queued), receiveCount: queued.receives };
}

/** Changes with each delivery. */
function receiptOf({ message, receives }: QueuedMessage): string {
  return `${JSON.stringify(message)} ${receives}`;
}
