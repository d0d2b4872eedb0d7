import { type AnyJob, isTraining } from '../contracts/job.ts';
import { WebhookDelivery } from '../contracts/webhook.ts';
import type { ObjectStore } from '../ports.ts';
import { decodeDocument } from '../store/documents.ts';
import { storeKeys } from '../store/store-keys.ts';
import { webhookOf } from '../webhooks/webhook-of.ts';

/** Returns the key of a delivery. It is separate from the job's record, which the function that sends may not write. */
function deliveryKey(job: string): string {
  return `${storeKeys.webhooks.prefix}${job}`;
}

/**
 * Reads the state of a job's webhook.
 * @returns undefined before the first attempt to send it
 * @throws RuntimeError DOCUMENT_UNREADABLE
 */
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

/** Adds the state of its webhook to a job. @throws as readDelivery */
export async function withDelivery(job: AnyJob, store: ObjectStore): Promise<AnyJob> {
  if (!isTraining(job) || webhookOf(job) === undefined) return job;
  const webhook = await readDelivery(job.id, store);
  return webhook === undefined ? job : { ...job, webhook };
}
