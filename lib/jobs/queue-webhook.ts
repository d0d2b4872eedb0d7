import type { AnyJob } from '../contracts/job.ts';
import type { World } from '../ports.ts';
import { webhookOf } from '../webhooks/webhook-of.ts';
import { activeMark } from './job-store.ts';

/**
 * Puts the webhook of a job that has ended on its queue, where it has one. While the job's mark is there nobody has done so, or has died
 * before he could remove the mark: then it is said again, under the same id.
 */
export async function queueWebhook(job: AnyJob, { store, queues }: World): Promise<void> {
  if (webhookOf(job) === undefined || (await store.head(activeMark(job.id))) === undefined) return;
  await queues.webhooks.send({ type: 'webhook', job: job.id });
}
