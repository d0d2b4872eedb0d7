import { WEBHOOK_TRIES, type WebhookDelivery } from '../contracts/webhook.ts';
import { errorJson } from '../errors.ts';
import type { Delivery, World } from '../ports.ts';
import { readDocument } from '../store/documents.ts';
import { sendWebhook, type WebhookSender } from '../webhooks/send-webhook.ts';
import { webhookOf } from '../webhooks/webhook-of.ts';
import { jobDocument } from './job-store.ts';
import { readDelivery, writeDelivery } from './webhook-record.ts';

/**
 * Sends the webhook of a queue message, and marks it as sent, so that a second message for the same job sends nothing.
 * After a failure the message is hidden for longer each time. A message that failed too often becomes a dead letter.
 * @throws as sendWebhook; the message must not be acknowledged then
 */
export async function deliverWebhook(
  { message, receipt, receiveCount }: Delivery,
  world: World,
  sender: WebhookSender,
): Promise<void> {
  if (message.type !== 'webhook') return;
  const job = await readDocument(world.store, jobDocument, message.job);
  const webhook = job && webhookOf(job);
  if (webhook === undefined || (await readDelivery(message.job, world.store))?.state === 'sent') return;
  const at = world.clock.now();
  try {
    await sendWebhook(webhook, at, sender, world);
  } catch (error) {
    const seconds = pauseSeconds(receiveCount);
    world.log('webhook.failed', { job: message.job, try: receiveCount, again: seconds, error: errorJson(error) });
    await world.queues.webhooks.extend(receipt, seconds);
    await writeDelivery(message.job, failure(error, receiveCount, at, seconds), world.store);
    throw error;
  }
  await writeDelivery(message.job, { state: 'sent', tries: receiveCount, at: at.toISOString() }, world.store);
  world.log('webhook.sent', { job: message.job, try: receiveCount });
}

/**
 * Returns the pause before the next try: 5 s, 20 s, 80 s, ... up to 5.7 hours; about 7.6 hours in all for eight tries.
 */
function pauseSeconds(tries: number): number {
  return Math.min(5 * 4 ** (tries - 1), 12 * 3600);
}

function failure(error: unknown, tries: number, at: Date, seconds: number): WebhookDelivery {
  const { code, message } = errorJson(error);
  const failure = { tries, at: at.toISOString(), error: { code, message } };
  if (tries >= WEBHOOK_TRIES) return { state: 'failed', ...failure };
  return { state: 'failing', ...failure, next: new Date(at.getTime() + seconds * 1000).toISOString() };
}
