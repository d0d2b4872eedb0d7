import type { PackageRef } from '../models/served-package.ts';
import { isWorkerExited } from '../onnx/session-errors.ts';
import type { ServedModel } from './served-model.ts';

/**
 * A cache of the models that a process keeps open. When it is full, it closes the least recently used model that is not
 * in use.
 */
export interface ModelCache {
  /**
   * Runs `act` with the model of a package, opening it if needed.
   * @returns the result of `act`
   * @throws as `open` and `act` do; the next call opens a model again that could not be opened, or whose worker
   *   thread exited
   */
  use<T>(version: PackageRef, act: (model: ServedModel) => Promise<T>): Promise<T>;
  /** Waits for the uses in progress, then closes the models. */
  close(): Promise<void>;
}

interface CachedModel {
  readonly model: Promise<ServedModel>;
  /** Uses in progress; each promise settles when its use ends. */
  readonly uses: Set<Promise<unknown>>;
}

/**
 * Opens a cache of models.
 * @param most number of models kept open; models in use beyond it are closed after their last use
 */
export function openModelCache(open: (version: PackageRef) => Promise<ServedModel>, most: number): ModelCache {
  const kept = new Map<string, CachedModel>();
  const closing = new Set<Promise<void>>();

  function take(version: PackageRef): CachedModel {
    const { package: key } = version;
    const entry = kept.get(key) ?? { model: open(version), uses: new Set() };
    // Moves the key to the end of the map's order, so that the least recently used model is first.
    kept.delete(key);
    kept.set(key, entry);
    entry.model.catch(() => kept.get(key) === entry && kept.delete(key));
    return entry;
  }

  /**
   * Closes the least recently used models beyond `most`, except the last one used. One in use stays: its next use would
   * open a second copy.
   */
  function dropUnused(): void {
    const latest = [...kept.keys()].at(-1);
    for (const [key, { uses }] of kept) {
      if (kept.size <= most) return;
      if (uses.size === 0 && key !== latest) drop(key);
    }
  }

  /** Removes a model from the cache, so that no new use begins. Uses in progress may finish. */
  function drop(key: string): void {
    const entry = kept.get(key);
    kept.delete(key);
    if (entry === undefined) return;
    // No caller is left to receive the error if a session fails to close.
    const closed = closeUnused(entry).catch(() => undefined);
    closing.add(closed);
    void closed.finally(() => closing.delete(closed));
  }

  return {
    use(version, act) {
      const entry = take(version);
      const { package: key } = version;
      const use = entry.model.then(act);
      entry.uses.add(use);
      dropUnused();
      return use
        .catch((error: unknown) => {
          // Another use may have dropped the model already, and a new one be in its place.
          if (isWorkerExited(error) && kept.get(key) === entry) drop(key);
          throw error;
        })
        .finally(() => {
          entry.uses.delete(use);
          dropUnused();
        });
    },
    async close() {
      for (const key of [...kept.keys()]) drop(key);
      await Promise.all(closing);
    },
  };
}

async function closeUnused({ model, uses }: CachedModel): Promise<void> {
  await Promise.allSettled(uses);
  await (await model).close();
}
