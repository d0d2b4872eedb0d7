import { UsageError } from '../../errors.ts';
import type { JobQueue, World } from '../../ports.ts';

/**
 * Returns the queue of the functions that share work in parts.
 * @param work what they do, for the error
 * @throws UsageError ENVIRONMENT_INCOMPLETE if there are none
 */
export function functionQueue(work: string, { queues }: World): JobQueue {
  if (queues.extractions !== undefined) return queues.extractions;
  throw new UsageError('ENVIRONMENT_INCOMPLETE', {
    at: 'GRAFT_EXTRACTION_QUEUE_URL',
    expected: `the queue of functions that ${work}`,
    received: 'nothing',
    fix: 'graft deploy sets it',
  });
}
