import { errorJson } from '../../lib/errors.ts';
import type { Delivery, JobQueue, Log } from '../../lib/ports.ts';
import { every, type LoopOptions } from './every.ts';

const VISIBILITY_SECONDS = 60;
const PAUSE_MS = 100;

type Handle = (delivery: Delivery) => Promise<void>;

export interface TakeOptions extends LoopOptions {
  /** Whether this process has room for another message; default: always. */
  readonly mayTake?: () => boolean;
}

/**
 * Takes messages of a queue until the signal, one at a time, as the event source of a function does in AWS
 * (functions/message-handler.ts). A failed message is delivered again.
 */
export async function takeMessages(queue: JobQueue, handle: Handle, options: TakeOptions): Promise<void> {
  const { signal, log, mayTake = () => true } = options;
  const take = async (): Promise<void> => {
    if (!mayTake()) return;
    for (const delivery of await queue.receive({ max: 1, visibilitySeconds: VISIBILITY_SECONDS, waitSeconds: 1 })) {
      // A message that arrives while this worker ends is for the next one.
      if (signal.aborted) await queue.extend(delivery.receipt, 0);
      else await handleDelivery(delivery, handle, queue, log);
    }
  };
  await every(PAUSE_MS, take, options);
}

/**
 * A message is acknowledged only after its work. Until then it stays hidden, and is delivered again if this process
 * dies.
 */
async function handleDelivery(delivery: Delivery, handle: Handle, queue: JobQueue, log: Log): Promise<void> {
  // A message that cannot be kept hidden is delivered twice, which does no harm.
  const extend = () =>
    queue
      .extend(delivery.receipt, VISIBILITY_SECONDS)
      .catch((error: unknown) => log('message.extend-failed', { ...delivery, error: errorJson(error) }));
  const keepHidden = setInterval(extend, (VISIBILITY_SECONDS * 1000) / 3);
  try {
    await handle(delivery);
    await queue.acknowledge(delivery.receipt);
  } catch (error) {
    log('message.failed', { ...delivery, error: errorJson(error) });
  } finally {
    clearInterval(keepHidden);
  }
}
