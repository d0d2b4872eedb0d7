import { ConflictError } from '../../lib/errors.ts';
import type { ObjectStore } from '../../lib/ports.ts';
import { watchedStore } from './watched-store.ts';

/**
 * A store in which another writer is always faster: of the conditional writes of a key, each first one fails with
 * PRECONDITION_FAILED, and only its repetition goes through.
 * @param meanwhile what the other writer does just before a write that fails
 */
export function contendedStore(store: ObjectStore, meanwhile: () => Promise<unknown>): ObjectStore {
  const failed = new Set<unknown>();
  return watchedStore(store, async (_, name, [key, , condition]) => {
    if (name !== 'put' || condition === undefined || failed.delete(key)) return;
    failed.add(key);
    await meanwhile();
    throw new ConflictError('PRECONDITION_FAILED', { at: String(key) });
  });
}
