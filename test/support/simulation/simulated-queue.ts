import type { QueueMessage } from '../../../lib/contracts/queue-message.ts';
import type { JobQueue } from '../../../lib/ports.ts';
import type { Actor, Scheduler } from './scheduler.ts';

export interface QueuedMessage {
  readonly message: QueueMessage;
  visibleAt: number;
  receives: number;
}

export const MAX_RECEIVES = 4;
export const HIDDEN_MS = 960_000;

/** The queue of imports as its senders see it; the simulation itself delivers. */
export function simulatedQueue(messages: QueuedMessage[], scheduler: Scheduler, actor: Actor): JobQueue {
  return {
    async send(message, { delaySeconds = 0 } = {}) {
      await scheduler.turn(actor);
      messages.push({ message, visibleAt: scheduler.now + delaySeconds * 1000, receives: 0 });
      await scheduler.turn(actor);
    },
    async deadLetters() {
      await scheduler.turn(actor);
      return messages
        .filter(({ receives, visibleAt }) => receives >= MAX_RECEIVES && visibleAt <= scheduler.now)
        .map(({ message }) => message);
    },
    maxReceives: async () => MAX_RECEIVES,
    receive: async () => [],
    extend: async () => {},
    acknowledge: async () => {},
    redrive: async () => 0,
    size: async () => messages.length,
  };
}
