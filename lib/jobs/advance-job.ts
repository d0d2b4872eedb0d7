import { hasEnded } from '../contracts/has-ended.ts';
import type { AnyJob } from '../contracts/job.ts';
import type { World } from '../ports.ts';
import { webhookOf } from '../webhooks/webhook-of.ts';
import { activeMark } from './job-store.ts';

/**
 * Handles a changed job: queues a job that is to be retried; for a job that has ended, queues the webhook and removes
 * the mark.
 * @param delaySeconds before the job is retried
 * @throws errors of the store and the queues; the call can then be repeated
 */
export async function advanceJob(job: AnyJob, world: World, delaySeconds = 0): Promise<void> {
  if (hasEnded(job)) {
    await queueWebhook(job, world);
    await world.store.delete(activeMark(job.id));
  } else if (job.state === 'SUBMITTED') {
    await world.queues.trainings.send({ type: 'train', job: job.id, attempts: job.attempt }, { delaySeconds });
  }
}

/**
 * Queues the webhook of a job that has ended, if it has one. While the job's mark exists, nobody has queued it, or a
 * process died before it removed the mark: then it is queued again with the same id.
 */
async function queueWebhook(job: AnyJob, { store, queues }: World): Promise<void> {
  if (webhookOf(job) === undefined || (await store.head(activeMark(job.id))) === undefined) return;
  await queues.webhooks.send({ type: 'webhook', job: job.id });
}
