import { deleteVoidMarks } from '../datasets/uploads/removal-marks.ts';
import { errorJson, RuntimeError } from '../errors.ts';
import type { World } from '../ports.ts';
import { collectStep } from './collect-step.ts';
import {
  acquireLease,
  type CollectionRun,
  changeCollection,
  isAwaited,
  type Lease,
  releaseLease,
  renewLease,
  STATE_KEY,
  steps,
} from './collection-state.ts';
import { CollectionStopped } from './collection-stopped.ts';
import { openReferences } from './references.ts';

/** Renews the lease after this part of its two minutes. */
const RENEWED_AFTER_MS = 30_000;
/** Tolerance for a follow-up message that arrives early. */
const SLACK_MS = 10_000;

/**
 * Runs the garbage collector: removes unreferenced images, manifests, reports and other objects
 * (docs/garbage-collection.md). If another collector is running, sends a message for later. If this process must end,
 * sends a message that continues the run.
 * @returns the ended run, with the number of objects that each step removed; undefined if the run continues later or
 * another collector is running
 */
export async function runCollection(
  world: World,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<CollectionRun | undefined> {
  const lease = await acquireLease(world);
  if ('until' in lease) return collectLater(lease.until, world);
  try {
    return await collect(lease, world, signal);
  } catch (error) {
    if (!(error instanceof CollectionStopped)) throw error;
    if (error.hasLease) await world.queues.imports.send({ type: 'collect' });
    world.log('collection.interrupted', { hasLease: error.hasLease });
    return undefined;
  }
}

async function collect({ token, run: start }: Lease, world: World, signal: AbortSignal | undefined): Promise<CollectionRun> {
  let run = start;
  let renewedAt = world.clock.now().getTime();
  let isReading = true;
  async function keepAlive(): Promise<void> {
    // If there is not enough time to read the references, starting over would not help.
    if (isReading && signal?.aborted) throw interrupted();
    if (world.clock.now().getTime() - renewedAt >= RENEWED_AFTER_MS) await save(run);
  }
  async function save(next: CollectionRun): Promise<void> {
    run = next;
    if (!(await renewLease(token, run, world))) throw new CollectionStopped(false);
    renewedAt = world.clock.now().getTime();
  }
  async function onBatch(next: CollectionRun): Promise<void> {
    await save(next);
    if (signal?.aborted) throw new CollectionStopped(true);
  }
  const failures: unknown[] = [];
  try {
    const references = openReferences(world, keepAlive);
    await references.refresh();
    isReading = false;
    for (const step of steps.slice(steps.indexOf(run.step))) {
      if (step !== run.step) await save({ ...run, step, after: '' });
      try {
        await collectStep(run, { world, references, keepAlive, onBatch });
      } catch (error) {
        if (error instanceof CollectionStopped) throw error;
        // The other steps do not depend on this one.
        world.log('collection.failed', { step, error: errorJson(error) });
        failures.push(error);
      }
    }
    await releaseLease(token, undefined, world);
    if (failures.length > 0) throw failures[0];
    await clearMarks(world);
    const seconds = (world.clock.now().getTime() - Date.parse(run.startedAt)) / 1000;
    world.log('collection.ended', { removed: run.removed, stuck: run.stuck, seconds });
    return run;
  } catch (error) {
    // The next attempt continues at this position.
    await releaseLease(token, run, world).catch((failure) => world.log('collection.failed', { error: errorJson(failure) }));
    throw error;
  }
}

/**
 * Schedules another collection after the running one, which may have read the records that this message is about
 * already.
 */
async function collectLater(until: Date, { queues, clock, ...world }: World): Promise<undefined> {
  const now = clock.now().getTime();
  const { after: state } = await changeCollection(world, () => undefined);
  if (state.followUpAt !== undefined && isAwaited(state.followUpAt, new Date(now + SLACK_MS))) return undefined;
  const delaySeconds = Math.max(1, Math.ceil((until.getTime() - now) / 1000));
  await queues.imports.send({ type: 'collect' }, { delaySeconds });
  const comesAt = new Date(now + delaySeconds * 1000).toISOString();
  await changeCollection(world, (state) => ({ ...state, followUpAt: comesAt }));
  return undefined;
}

async function clearMarks({ store }: World): Promise<void> {
  const state = await store.head(STATE_KEY);
  if (state !== undefined) await deleteVoidMarks(state.modifiedAt, store);
}

function interrupted(): RuntimeError {
  return new RuntimeError('COLLECTION_INTERRUPTED', {
    expected: 'enough time to read all references and to remove a batch',
    received: 'the end of the process before',
    fix: 'delete data sets or versions that you do not need, or give the import function more time',
    retryable: true,
  });
}
