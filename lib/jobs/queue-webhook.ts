import type { AnyJob } from '../contracts/job.ts';
import type { World } from '../ports.ts';
import { webhookOf } from '../webhooks/webhook-of.ts';
import { activeMark } from './job-store.ts';

/**
 * Queues the webhook of a job that has ended, if it has one. While the job's mark exists, nobody has queued it, or a
 * process died before it removed the mark: then it is queued again with the same id.
 */
export async function queueWebhook(job: AnyJob, { store, queues }: World): Promise<void> {
  if (webhookOf(job) === undefined || (await store.head(activeMark(job.id))) === undefined) return;
  await queues.webhooks.send({ type: 'webhook', job: job.id });
}
