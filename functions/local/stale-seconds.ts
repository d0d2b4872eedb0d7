import { STALE_SECONDS } from '../../lib/jobs/message-times.ts';
import type { Clock } from '../../lib/ports.ts';

/**
 * Tells after how many seconds the message of a waiting job counts as lost. While all slots are taken, a worker receives
 * no messages of jobs. All of them get old then, and a copy of each would only be one more message to receive later. So
 * none counts as lost before the worker could have received it for as long as usual.
 * @param isFull whether all slots are taken
 * @returns to be called regularly
 */
export function watchStaleness(isFull: () => boolean, { now }: Clock): () => number {
  let fullAt: number | undefined;
  return () => {
    const time = now().getTime();
    if (isFull()) fullAt = time;
    // A clock that is set ahead or back ends the wait, too.
    const couldReceive = fullAt === undefined || Math.abs(time - fullAt) >= STALE_SECONDS * 1000;
    return couldReceive ? STALE_SECONDS : Number.POSITIVE_INFINITY;
  };
}
