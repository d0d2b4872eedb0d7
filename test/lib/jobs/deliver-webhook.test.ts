import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import type { AnyJob } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { WEBHOOK_TRIES, WebhookBody, type WebhookEvent } from '../../../lib/contracts/webhook.ts';
import { DataError } from '../../../lib/errors.ts';
import { advanceJob } from '../../../lib/jobs/advance-job.ts';
import { cancelJob } from '../../../lib/jobs/cancel-job.ts';
import { deliverWebhook } from '../../../lib/jobs/deliver-webhook.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { withDelivery } from '../../../lib/jobs/webhook-record.ts';
import { workOnJob } from '../../../lib/jobs/work-on-job.ts';
import { webhookSecret } from '../../../lib/local/webhook-secret.ts';
import { webhookReceiver } from '../../support/webhook-receiver.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const never = new AbortController().signal;

/** A job that has failed, and what its webhook needs. */
async function failedJob(url: string, events?: WebhookEvent[]) {
  const world = { ...testWorld(), loopbackWebhooks: true };
  const spec = JobSpec.parse({ name: 'trash', dataset: 'trash', webhook: { url, ...(events !== undefined && { events }) } });
  const { id } = await submitJob(spec, world);
  await dispatchJob(id, recordingCompute(), world);
  const refuse = () => Promise.reject(new DataError('CLASS_WITH_ONE_IMAGE', { at: 'x' }));
  const job = await workOnJob({ job: id, attempt: 1 }, refuse, world, never);
  const secret = () => webhookSecret(world.directory);
  return { world, job: job as AnyJob, secret };
}

test('a receiver verifies it with the secret, and learns what became of the job', async () => {
  const receiver = await webhookReceiver();
  const { world, job, secret } = await failedJob(receiver.url);
  await takeOne(world, secret);
  const { headers, body } = receiver.received[0]!;
  // The clock of the test is not that of the verifier, which refuses old messages: only the signature is compared.
  const sentAt = new Date(Number(headers['webhook-timestamp']) * 1000);
  const signature = new Webhook(await secret()).sign(`msg_${job.id}`, sentAt, body);
  expect(headers).toMatchObject({ 'webhook-id': `msg_${job.id}`, 'webhook-signature': signature });
  expect(WebhookBody.parse(JSON.parse(body))).toEqual({
    type: 'job.failed',
    timestamp: job.updatedAt,
    data: { job: job.id, model: 'trash', error: { code: 'CLASS_WITH_ONE_IMAGE', message: expect.any(String) } },
  });
});

test('it is said once, however often the end is noticed', async () => {
  const receiver = await webhookReceiver();
  const { world, job, secret } = await failedJob(receiver.url);
  await advanceJob(job, world);
  expect(await world.queues.webhooks.size()).toBe(1);
  // A dispatcher that died before it removed the mark says it again: the same message is sent only once.
  await world.queues.webhooks.send({ type: 'webhook', job: job.id });
  await takeOne(world, secret);
  await takeOne(world, secret);
  expect(receiver.received).toHaveLength(1);
  expect(await withDelivery(job, world.store)).toMatchObject({ webhook: { state: 'sent', tries: 1 } });
});

test('one that an earlier version has marked as sent is not sent again', async () => {
  const receiver = await webhookReceiver();
  const { world, job, secret } = await failedJob(receiver.url);
  await world.store.put(`webhooks/${job.id}`, new Uint8Array());
  await takeOne(world, secret);
  expect(receiver.received).toEqual([]);
});

test('only of the ends that were asked for', async () => {
  const { world } = await failedJob('http://127.0.0.1:9/', ['job.cancelled']);
  expect(await world.queues.webhooks.size()).toBe(0);
  const spec = JobSpec.parse({ name: 'trash', dataset: 'trash', webhook: { url: 'https://example.com/' } });
  const { id } = await submitJob(spec, world);
  await cancelJob(id, recordingCompute(), world);
  expect(await world.queues.webhooks.size()).toBe(1);
});

test('one that fails comes again under the same id after longer and longer, and ends among the dead letters', async () => {
  const receiver = await webhookReceiver((response) => response.writeHead(500).end());
  const { world, job, secret } = await failedJob(receiver.url);
  const pauses: number[] = [];
  for (let tries = 1; tries <= WEBHOOK_TRIES; tries++) {
    await expect(takeOne(world, secret)).rejects.toMatchObject({ code: 'WEBHOOK_REFUSED' });
    const seconds = 5 * 4 ** (tries - 1);
    await world.clock.advance(seconds - 1);
    expect(await world.queues.webhooks.receive({ max: 1, visibilitySeconds: 30 })).toEqual([]);
    await world.clock.advance(2);
    pauses.push(seconds);
    const told = await withDelivery(job, world.store);
    expect(told).toMatchObject({
      state: 'FAILED',
      webhook: { state: tries < WEBHOOK_TRIES ? 'failing' : 'failed', tries, error: { code: 'WEBHOOK_REFUSED' } },
    });
  }
  expect(pauses.at(-1)).toBeGreaterThan(3600);
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([`msg_${job.id}`]));
  expect(await world.queues.webhooks.deadLetters()).toEqual([{ type: 'webhook', job: job.id }]);
});

test('the secret of a data directory is drawn once, also by several at once', async () => {
  const { directory } = testWorld();
  const secrets = await Promise.all(Array.from({ length: 8 }, () => webhookSecret(directory)));
  expect(new Set(secrets).size).toBe(1);
  expect(secrets[0]).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
});

async function takeOne(world: Parameters<typeof deliverWebhook>[1], secret: () => Promise<string>): Promise<void> {
  const [delivery] = await world.queues.webhooks.receive({ max: 1, visibilitySeconds: 30 });
  if (delivery === undefined) throw new Error('nothing on the queue');
  await deliverWebhook(delivery, world, { secret });
  await world.queues.webhooks.acknowledge(delivery.receipt);
}
