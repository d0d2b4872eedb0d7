import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { errorJson } from '../../lib/errors.ts';
import { deliverWebhook } from '../../lib/jobs/deliver-webhook.ts';
import { STALE_SECONDS } from '../../lib/jobs/message-times.ts';
import { reconcileJobs } from '../../lib/jobs/reconcile-jobs.ts';
import { sweepInputs } from '../../lib/local/input-cache.ts';
import { sweepLogs } from '../../lib/local/sweep-logs.ts';
import { sweepStore } from '../../lib/local/sweep-store.ts';
import { webhookSecret } from '../../lib/local/webhook-secret.ts';
import type { Clock, Delivery, JobQueue } from '../../lib/ports.ts';
import { handleTrainingMessage } from '../dispatch/training-message.ts';
import { handleImportMessage } from '../import/import-message.ts';
import { runMaintenance } from '../track/run-maintenance.ts';
import { watchStaleness } from './stale-seconds.ts';
import type { WorkerSystem } from './worker-system.ts';

const VISIBILITY_SECONDS = 60;
const RECONCILE_MS = 5_000;
/** How often a worker checks whether a sweep is due. */
const SWEEP_CHECK_MS = 1_000;
const DAY_MS = 86_400_000;
/** How long an idle worker waits for failed webhooks; the next worker continues with them. */
const WEBHOOKS_MS = 60_000;

/**
 * Does the work of event sources, dispatcher and reconciler in AWS: processes imports, jobs and webhooks from the
 * queues until it is stopped. Running trainings then hand their jobs on, which does not count as lost, and the next
 * worker continues them.
 * @param whenIdle called if there is nothing to do and nothing running
 * @param isExpected whether work will arrive: the worker is not idle then
 */
export async function runWorker(
  system: WorkerSystem,
  signal: AbortSignal,
  whenIdle: () => void = () => {},
  isExpected: () => boolean = () => false,
): Promise<void> {
  const { directory, world, compute, inputCache, trainingsAtOnce } = system;
  const { running } = compute;
  const isFull = () => running.size >= trainingsAtOnce;
  const staleSeconds = watchStaleness(isFull, world.clock);
  sweepInputs(directory, world.log);
  // Continues at once what was lost when the machine or a process went down.
  let active = await reconcileJobs(compute, world, { staleSeconds: 2 });

  const imports = takeFrom(world.queues.imports, signal, (delivery) => handleImportMessage(delivery, world, signal));
  const trainings = takeFrom(
    world.queues.trainings,
    signal,
    ({ message }) => handleTrainingMessage(message, compute, world),
    () => !isFull(),
  );
  const secret = () => webhookSecret(directory);
  const webhooks = takeFrom(world.queues.webhooks, signal, (delivery) => deliverWebhook(delivery, world, { secret }));
  const upkeep = every(RECONCILE_MS, signal, async () => {
    await inputCache?.trim();
    active = await runMaintenance(compute, world, { staleSeconds: staleSeconds() });
  });
  // A loop of its own: a sweep of many objects must not delay the rest of the upkeep.
  const sweep = onceADay(world.clock, async () => {
    await Promise.all([sweepStore(world.store, world.clock), sweepLogs(join(directory, 'logs'), world.clock)]);
  });
  const sweeping = every(SWEEP_CHECK_MS, signal, sweep);
  let busyAt = world.clock.now().getTime();
  const idle = every(500, signal, async () => {
    // In this order: the work is in the queues before it is no longer expected.
    if (isExpected() || (await hasWork(system))) {
      busyAt = world.clock.now().getTime();
      return;
    }
    active = await reconcileJobs(compute, world, { staleSeconds: STALE_SECONDS });
    const patient = world.clock.now().getTime() - busyAt < WEBHOOKS_MS && (await world.queues.webhooks.size()) > 0;
    // A job that arrived meanwhile would start, and be stopped at once.
    if (active === 0 && !patient && !(await hasWork(system))) whenIdle();
  });
  await Promise.all([imports, trainings, webhooks, upkeep, idle, sweeping]);
  await compute.stopRunning();
  inputCache?.clear();

  function takeFrom(
    queue: JobQueue,
    until: AbortSignal,
    handle: (delivery: Delivery) => Promise<void>,
    mayTake = () => true,
  ): Promise<void> {
    return every(100, until, async () => {
      if (!mayTake()) return;
      for (const delivery of await queue.receive({ max: 1, visibilitySeconds: VISIBILITY_SECONDS, waitSeconds: 1 })) {
        // A message that arrives while this worker ends is for the next one.
        if (until.aborted) await queue.extend(delivery.receipt, 0);
        else await handleDelivery(queue, delivery, handle);
      }
    });
  }

  /**
   * A message is acknowledged only after its work. Until then it stays hidden, and is delivered again if this process
   * dies.
   */
  async function handleDelivery(
    queue: JobQueue,
    delivery: Delivery,
    handle: (delivery: Delivery) => Promise<void>,
  ): Promise<void> {
    // A message that cannot be kept hidden is delivered twice, which does no harm.
    const extend = () =>
      queue
        .extend(delivery.receipt, VISIBILITY_SECONDS)
        .catch((error: unknown) => world.log('message.extend-failed', { ...delivery, error: errorJson(error) }));
    const keepHidden = setInterval(extend, (VISIBILITY_SECONDS * 1000) / 3);
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

/** Checks whether an attempt is running, or an import or a job is in the queues. */
export async function hasWork({ world, compute }: Pick<WorkerSystem, 'world' | 'compute'>): Promise<boolean> {
  const { imports, trainings } = world.queues;
  return compute.running.size > 0 || (await imports.size()) + (await trainings.size()) > 0;
}

/**
 * Makes work due with its first call, and then again a day after it was last begun. A clock that is set ahead or back
 * by more than a day makes it due, too, so that a wrong time does not put it off.
 */
function onceADay(clock: Clock, work: () => Promise<void>): () => Promise<void> {
  let begunAt: number | undefined;
  return async () => {
    const now = clock.now().getTime();
    if (begunAt !== undefined && Math.abs(now - begunAt) < DAY_MS) return;
    begunAt = now;
    await work();
  };
}
