import { forEachConcurrently } from '../concurrency.ts';
import { MARK_SECONDS, writeMark } from '../datasets/uploads/removal-marks.ts';
import { errorJson } from '../errors.ts';
import type { World } from '../ports.ts';
import type { References } from './references.ts';

/** Number of keys per mark. */
export const BATCH = 1000;
const AT_ONCE = 32;
/** Most marks for the same keys, if reading takes longer than a mark holds. */
const TRIES = 3;

export interface Removal {
  readonly removed: number;
  /** Keys that could not be removed. */
  readonly stuck: number;
}

/** What decides which of the keys are removed. */
export interface RemovalRule {
  readonly references: Pick<References, 'refresh'>;
  readonly isNeeded: (key: string) => boolean;
  /** Tells whether an unreadable record may need any of the keys. */
  readonly isBlocked: () => boolean;
}

/**
 * Removes unreferenced objects: marks them, reads new records, removes those that are still unreferenced while the mark
 * holds, and deletes the mark. If a removal may still happen later, the mark stays until it expires. Removes nothing if
 * a new record cannot be read.
 */
export async function removeUnreferenced(
  keys: readonly string[],
  rule: RemovalRule,
  world: Pick<World, 'store' | 'clock' | 'log'>,
): Promise<Removal> {
  let [rest, removed, stuck] = [keys, 0, 0];
  for (let tried = 0; rest.length > 0 && tried < TRIES; tried++) {
    const batch = await removeBatch(rest, rule, world);
    rest = batch.late;
    removed += batch.removed;
    stuck += batch.stuck;
  }
  if (rest.length > 0) world.log('collection.late', { keys: rest.length, first: rest[0] });
  return { removed, stuck: stuck + rest.length };
}

async function removeBatch(
  keys: readonly string[],
  { isNeeded, isBlocked, references }: RemovalRule,
  world: Pick<World, 'store' | 'clock' | 'log'>,
) {
  const { store, clock, log } = world;
  const before = new Date(clock.now().getTime() + MARK_SECONDS * 1000);
  const mark = await writeMark(keys, world);
  const late: string[] = [];
  let [removed, stuck, isOver] = [0, 0, true];
  try {
    await references.refresh();
  } catch (error) {
    await store.delete(mark);
    throw error;
  }
  if (isBlocked()) {
    await store.delete(mark);
    return { removed, stuck, late };
  }
  const unneeded = keys.filter((key) => !isNeeded(key));
  await forEachConcurrently(unneeded, AT_ONCE, async (key) => {
    try {
      await store.delete(key, { before });
      removed++;
    } catch (error) {
      // A request that was sent without a response may still be carried out.
      isOver = false;
      const reason = errorJson(error);
      if (reason.code === 'DELETE_TOO_LATE') late.push(key);
      else {
        stuck++;
        log('collection.stuck', { key, error: reason });
      }
    }
  });
  if (isOver) await store.delete(mark);
  return { removed, stuck, late };
}
