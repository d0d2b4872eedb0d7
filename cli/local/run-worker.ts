import { setTimeout as wait } from 'node:timers/promises';
import { failDeadImports } from '../../lib/datasets/fail-dead-imports.ts';
import { runDeletion } from '../../lib/datasets/run-deletion.ts';
import { runImport } from '../../lib/datasets/run-import.ts';
import { errorJson } from '../../lib/errors.ts';
import { deliverWebhook } from '../../lib/jobs/deliver-webhook.ts';
import { dispatchJob } from '../../lib/jobs/dispatch-job.ts';
import { failDeadJobs } from '../../lib/jobs/fail-dead-jobs.ts';
import { reconcileJobs } from '../../lib/jobs/track-job.ts';
import { sweepStore } from '../../lib/local/sweep-store.ts';
import { webhookSecret } from '../../lib/local/webhook-secret.ts';
import type { Delivery, JobQueue } from '../../lib/ports.ts';
import type { LocalSystem } from './local-system.ts';

/** Trainings at once: each takes all cores. */
const TRAININGS = 1;
const VISIBILITY_SECONDS = 60;
const RECONCILE_MS = 5_000;
/** How long a worker with nothing else to do stays for webhooks that failed; the next worker goes on with them. */
const WEBHOOKS_MS = 60_000;
/** A job that waits longer than this for its turn gets a second message, in case the first was lost; both are harmless. */
const STALE_SECONDS = 600;

/**
 * Does what event sources, dispatcher and reconciler do in AWS: takes imports, jobs and webhooks from the queues until it is stopped.
 * @param whenIdle called when there is nothing to do and nobody at work
 */
export async function runWorker(system: LocalSystem, signal: AbortSignal, whenIdle: () => void = () => {}): Promise<void> {
  const { world, compute, running } = system;
  // What was lost when the machine or a process went down is taken up at once.
  let active = await reconcileJobs(compute, world, { staleSeconds: 2 });
  const sweeping = sweepStore(world.store, world.clock).catch((error) => world.log('worker.failed', { error: errorJson(error) }));

  const imports = takeFrom(world.queues.imports, signal, async ({ message, receiveCount }) => {
    const isLastTry = receiveCount >= (await world.queues.imports.maxReceives());
    if (message.type === 'import') await runImport(message.upload, world, { isLastTry });
    if (message.type === 'delete') await runDeletion(message.deletion, world, { signal });
  });
  const trainings = takeFrom(
    world.queues.trainings,
    signal,
    async ({ message }) => {
      if (message.type === 'train') await dispatchJob(message.job, compute, world);
    },
    () => running.size < TRAININGS,
  );
  const secret = () => webhookSecret(system.directory);
  const webhooks = takeFrom(world.queues.webhooks, signal, (delivery) => deliverWebhook(delivery, world, { secret }));
  const upkeep = every(RECONCILE_MS, signal, async () => {
    await failDeadImports(world);
    await failDeadJobs(world);
    active = await reconcileJobs(compute, world, { staleSeconds: STALE_SECONDS });
  });
  let busyAt = world.clock.now().getTime();
  const idle = every(500, signal, async () => {
    const waiting = (await world.queues.imports.size()) + (await world.queues.trainings.size());
    if (waiting > 0 || running.size > 0) {
      busyAt = world.clock.now().getTime();
      return;
    }
    active = await reconcileJobs(compute, world, { staleSeconds: STALE_SECONDS });
    const patient = world.clock.now().getTime() - busyAt < WEBHOOKS_MS && (await world.queues.webhooks.size()) > 0;
    if (active === 0 && !patient) whenIdle();
  });
  await Promise.all([imports, trainings, webhooks, upkeep, idle, sweeping]);

  function takeFrom(
    queue: JobQueue,
    until: AbortSignal,
    handle: (delivery: Delivery) => Promise<void>,
    mayTake = () => true,
  ): Promise<void> {
    return every(100, until, async () => {
      if (!mayTake()) return;
      for (const delivery of await queue.receive({ max: 1, visibilitySeconds: VISIBILITY_SECONDS, waitSeconds: 1 })) {
        await handleDelivery(queue, delivery, handle);
      }
    });
  }

  /** A message is done only when its work is; until then it is kept hidden, and comes again should this process die. */
  async function handleDelivery(
    queue: JobQueue,
    delivery: Delivery,
    handle: (delivery: Delivery) => Promise<void>,
  ): Promise<void> {
    const keepHidden = setInterval(
      () => void queue.extend(delivery.receipt, VISIBILITY_SECONDS),
      (VISIBILITY_SECONDS * 1000) / 3,
    );
    try {
      await handle(delivery);
      await queue.acknowledge(delivery.receipt);
    } catch (error) {
      world.log('message.failed', { ...delivery, error: errorJson(error) });
    } finally {
      clearInterval(keepHidden);
    }
  }

  async function every(milliseconds: number, until: AbortSignal, act: () => Promise<void>): Promise<void> {
    while (!until.aborted) {
      await act().catch((error) => world.log('worker.failed', { error: errorJson(error) }));
      await wait(milliseconds, undefined, { signal: until }).catch(() => undefined);
    }
  }
}
