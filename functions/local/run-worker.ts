import { join } from 'node:path';
import { deliverWebhook } from '../../lib/jobs/deliver-webhook.ts';
import { STALE_SECONDS } from '../../lib/jobs/message-times.ts';
import { reconcileJobs } from '../../lib/jobs/reconcile-jobs.ts';
import { sweepInputs } from '../../lib/local/input-cache.ts';
import { sweepLogs } from '../../lib/local/sweep-logs.ts';
import { sweepStore } from '../../lib/local/sweep-store.ts';
import { webhookSecret } from '../../lib/local/webhook-secret.ts';
import type { Clock } from '../../lib/ports.ts';
import { handleTrainingMessage } from '../dispatch/training-message.ts';
import { handleImportMessage } from '../import/import-message.ts';
import { runMaintenance } from '../track/run-maintenance.ts';
import { every } from './every.ts';
import { watchStaleness } from './stale-seconds.ts';
import { takeMessages } from './take-messages.ts';
import type { WorkerSystem } from './worker-system.ts';

const RECONCILE_MS = 5_000;
/** How often a worker checks whether a sweep is due. */
const SWEEP_CHECK_MS = 1_000;
const IDLE_CHECK_MS = 500;
const DAY_MS = 86_400_000;
/** How long an idle worker waits for failed webhooks; the next worker continues with them. */
const WEBHOOKS_MS = 60_000;

export interface WorkerOptions {
  /** Called if there is nothing to do and nothing running. */
  readonly whenIdle?: () => void;
  /** Whether work will arrive: the worker is not idle then. Default: none will. */
  readonly isExpected?: () => boolean;
}

/**
 * Does the work of event sources, dispatcher and reconciler in AWS: processes imports, jobs and webhooks from the
 * queues until it is stopped. Running trainings then hand their jobs on, which does not count as lost, and the next
 * worker continues them.
 */
export async function runWorker(system: WorkerSystem, signal: AbortSignal, options: WorkerOptions = {}): Promise<void> {
  const { directory, world, compute, inputCache, trainingsAtOnce } = system;
  const { queues, clock, log } = world;
  const isFull = () => compute.running.size >= trainingsAtOnce;
  const staleSeconds = watchStaleness(isFull, clock);
  const secret = () => webhookSecret(directory);
  sweepInputs(directory, log);
  // Continues at once what was lost when the machine or a process went down.
  await reconcileJobs(compute, world, { staleSeconds: 2 });

  const upkeep = async () => {
    await inputCache?.trim();
    await runMaintenance(compute, world, { staleSeconds: staleSeconds() });
  };
  const sweep = onceADay(clock, async () => {
    await Promise.all([sweepStore(world.store, clock), sweepLogs(join(directory, 'logs'), clock)]);
  });
  const loop = { signal, log };
  await Promise.all([
    takeMessages(queues.imports, (delivery) => handleImportMessage(delivery, world, signal), loop),
    takeMessages(queues.trainings, ({ message }) => handleTrainingMessage(message, compute, world), {
      ...loop,
      mayTake: () => !isFull(),
    }),
    takeMessages(queues.webhooks, (delivery) => deliverWebhook(delivery, world, { secret }), loop),
    every(RECONCILE_MS, upkeep, loop),
    // A loop of its own: a sweep of many objects must not delay the rest of the upkeep.
    every(SWEEP_CHECK_MS, sweep, loop),
    every(IDLE_CHECK_MS, watchIdleness(system, options), loop),
  ]);
  await compute.stopRunning();
  inputCache?.clear();
}

/** Checks whether an attempt is running, or an import or a job is in the queues. */
export async function hasWork({ world, compute }: Pick<WorkerSystem, 'world' | 'compute'>): Promise<boolean> {
  const { imports, trainings } = world.queues;
  return compute.running.size > 0 || (await imports.size()) + (await trainings.size()) > 0;
}

/** Calls `whenIdle` if there is nothing to do and nothing running. @returns to be called regularly */
function watchIdleness(
  system: WorkerSystem,
  { whenIdle = () => {}, isExpected = () => false }: WorkerOptions,
): () => Promise<void> {
  const { world, compute } = system;
  const now = () => world.clock.now().getTime();
  let busyAt = now();
  return async () => {
    // In this order: the work is in the queues before it is no longer expected.
    if (isExpected() || (await hasWork(system))) {
      busyAt = now();
      return;
    }
    const active = await reconcileJobs(compute, world, { staleSeconds: STALE_SECONDS });
    const patient = now() - busyAt < WEBHOOKS_MS && (await world.queues.webhooks.size()) > 0;
    // A job that arrived meanwhile would start, and be stopped at once.
    if (active === 0 && !patient && !(await hasWork(system))) whenIdle();
  };
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
