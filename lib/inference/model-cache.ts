import type { ServedModel } from './served-model.ts';

/** Models that one process keeps open. Of too many, the least recently used is closed; none is while somebody still uses it. */
export interface ModelCache {
  /** @throws as `open` and `act` do; the next call retries a model that could not be opened */
  use<T>(key: string, act: (model: ServedModel) => Promise<T>): Promise<T>;
  /** Waits for the uses that are under way. */
  close(): Promise<void>;
}

interface CachedModel {
  readonly model: Promise<ServedModel>;
  /** Those under way, each settled when it is done. */
  readonly uses: Set<Promise<unknown>>;
}

/** @param most models kept; those that are in use beyond it stay open until their last use is done */
export function openModelCache(open: (key: string) => Promise<ServedModel>, most: number): ModelCache {
  const kept = new Map<string, CachedModel>();
  const closing = new Set<Promise<void>>();

  function take(key: string): CachedModel {
    const entry = kept.get(key) ?? { model: open(key), uses: new Set() };
    // Moves to the end of the map's order: the least recently used model is the first.
    kept.delete(key);
    kept.set(key, entry);
    entry.model.catch(() => kept.get(key) === entry && kept.delete(key));
    const [oldest] = kept.keys();
    if (kept.size > most && oldest !== undefined) drop(oldest);
    return entry;
  }

  /** Nobody takes it up again; whoever has it may end what was begun. */
  function drop(key: string): void {
    const entry = kept.get(key);
    kept.delete(key);
    if (entry === undefined) return;
    // A session that fails to close has no one left to tell.
    const closed = closeUnused(entry).catch(() => undefined);
    closing.add(closed);
    void closed.finally(() => closing.delete(closed));
  }

  return {
    use(key, act) {
      const { model, uses } = take(key);
      const use = model.then(act);
      uses.add(use);
      return use.finally(() => uses.delete(use));
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
