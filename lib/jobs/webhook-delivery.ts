import { type AnyJob, isTraining } from '../contracts/job.ts';
import { WebhookDelivery } from '../contracts/webhook.ts';
import type { ObjectStore, World } from '../ports.ts';
import { decodeDocument } from '../store/documents.ts';
import { storeKeys } from '../store/store-keys.ts';
import { webhookOf } from '../webhooks/webhook-of.ts';
import { activeMark } from './job-store.ts';

/** Returns the key of a delivery. It is separate from the job's record, which the webhook sender may not write. */
function deliveryKey(job: string): string {
  return `${storeKeys.webhooks.prefix}${job}`;
}

/** Reads the state of a job's webhook; undefined before the first attempt to send it. */
export async function readDelivery(job: string, store: ObjectStore): Promise<WebhookDelivery | undefined> {
  const key = deliveryKey(job);
  const object = await store.get(key);
  if (object === undefined) return undefined;
  // Earlier versions wrote an empty mark for a sent webhook.
  if (object.body.length === 0) return { state: 'sent', tries: 1, at: new Date(0).toISOString() };
  return decodeDocument(WebhookDelivery, key, object.body).value;
}

/** Writes the state of a job's webhook. */
export async function writeDelivery(job: string, delivery: WebhookDelivery, store: ObjectStore): Promise<void> {
  await store.put(deliveryKey(job), new TextEncoder().encode(`${JSON.stringify(delivery)}\n`));
}

/** Adds the state of its webhook to a job. */
export async function withDelivery(job: AnyJob, store: ObjectStore): Promise<AnyJob> {
  if (!isTraining(job) || webhookOf(job) === undefined) return job;
  const webhook = await readDelivery(job.id, store);
  return webhook === undefined ? job : { ...job, webhook };
}

/**
 * Queues the webhook of a job that has ended, if it has one. While the job's mark exists, nobody has queued it, or a
 * process died before it removed the mark: then it is queued again with the same id.
 */
export async function queueWebhook(job: AnyJob, { store, queues }: World): Promise<void> {
  if (webhookOf(job) === undefined || (await store.head(activeMark(job.id))) === undefined) return;
  await queues.webhooks.send({ type: 'webhook', job: job.id });
}
