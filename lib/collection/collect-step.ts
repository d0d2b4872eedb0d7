import { forEachConcurrently, mapInOrder } from '../concurrency.ts';
import { asGraftError, errorJson } from '../errors.ts';
import type { ObjectHead, World } from '../ports.ts';
import { listKeys } from '../store/list-keys.ts';
import type { CollectionRun } from './collection-state.ts';
import { CollectionStopped } from './collection-stopped.ts';
import type { References } from './references.ts';
import { BATCH, type Removal, removeUnreferenced } from './remove-unreferenced.ts';
import { type Sweep, sweepOf } from './sweeps.ts';

export interface CollectStepOptions {
  readonly world: Pick<World, 'store' | 'clock' | 'log'>;
  readonly references: References;
  readonly keepAlive: () => Promise<void>;
  /** Called after each batch with the progress so far; may throw to end the collection. */
  readonly onBatch: (run: CollectionRun) => Promise<void>;
}

const HOUR_MS = 3_600_000;
/** Number of objects to check at once. */
const AT_ONCE = 16;
/** Number of objects to check before the collector saves its position. */
const SEEN = 5000;

/** Runs one step of a collection, from the saved position. */
export async function collectStep(
  start: CollectionRun,
  { world, references, keepAlive, onBatch }: CollectStepOptions,
): Promise<void> {
  const { store, log } = world;
  const { step } = start;
  const sweep = sweepOf(step, references, world);
  /** Logs the unreadable records that block the step. @returns whether there are any */
  function logBlockers(): boolean {
    const unreadable = sweep.blockedBy?.() ?? [];
    if (unreadable.length > 0) log('collection.blocked', { step, unreadable: unreadable.slice(0, 100) });
    return unreadable.length > 0;
  }
  if (logBlockers()) return;
  const youngest = world.clock.now().getTime() - sweep.hours * HOUR_MS;
  let run = start;
  let batch: string[] = [];
  /** Removes the batch. @returns whether the step goes on */
  async function settle(after: string): Promise<boolean> {
    const { removed, stuck } = batch.length === 0 ? { removed: 0, stuck: 0 } : await remove(batch, sweep, references, world);
    const total = (run.removed[step] ?? 0) + removed;
    run = { ...run, after, removed: { ...run.removed, [step]: total }, stuck: run.stuck + stuck };
    batch = [];
    await onBatch(run);
    return !logBlockers();
  }
  let [last, seen] = [start.after, 0];
  const decided = mapInOrder(listKeys(store, sweep.prefix, start.after), AT_ONCE, async (object) => ({
    key: object.key,
    isGarbage: object.modifiedAt.getTime() <= youngest && (await isGarbage(object, sweep, world)),
  }));
  for await (const { key, isGarbage: goes } of decided) {
    await keepAlive();
    last = key;
    if (goes) batch.push(key);
    if ((batch.length === BATCH || ++seen % SEEN === 0) && !(await settle(last))) return;
  }
  if (batch.length > 0) await settle(last);
}

/** Tells whether an object is garbage. Keeps an object that cannot be read, and logs its name. */
async function isGarbage(object: ObjectHead, sweep: Sweep, { log }: Pick<World, 'log'>): Promise<boolean> {
  try {
    return await sweep.isGarbage(object);
  } catch (error) {
    if (error instanceof CollectionStopped || asGraftError(error).retryable) throw error;
    log('collection.unreadable', { key: object.key, error: errorJson(error) });
    return false;
  }
}

async function remove(
  keys: readonly string[],
  { isNeeded, remove: removeOne, blockedBy = () => [] }: Sweep,
  references: References,
  world: CollectStepOptions['world'],
): Promise<Removal> {
  if (isNeeded !== undefined)
    return removeUnreferenced(keys, { isNeeded, isBlocked: () => blockedBy().length > 0, references }, world);
  let [removed, stuck] = [0, 0];
  await forEachConcurrently(keys, AT_ONCE, async (key) => {
    try {
      const count = await (removeOne === undefined ? world.store.delete(key).then(() => 1) : removeOne(key));
      removed += count;
    } catch (error) {
      stuck++;
      world.log('collection.stuck', { key, error: errorJson(error) });
    }
  });
  return { removed, stuck };
}
