import { hasEnded } from '../contracts/has-ended.ts';
import type { AnyJob } from '../contracts/job.ts';
import type { World } from '../ports.ts';
import { activeMark } from './job-store.ts';
import { queueWebhook } from './webhook-delivery.ts';

/**
 * Handles a changed job: queues a job that is to be retried; for a job that has ended, queues the webhook and removes
 * the mark.
 * @param delaySeconds before the job is retried
 */
export async function advanceJob(job: AnyJob, world: World, delaySeconds = 0): Promise<void> {
  if (hasEnded(job)) {
    await queueWebhook(job, world);
    await world.store.delete(activeMark(job.id));
  } else if (job.state === 'SUBMITTED') {
    await world.queues.trainings.send({ type: 'train', job: job.id, attempts: job.attempt }, { delaySeconds });
  }
}
