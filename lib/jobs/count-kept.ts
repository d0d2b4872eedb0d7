import type { ObjectStore } from '../ports.ts';
import { storeKeys } from '../store/store-keys.ts';
import { isEngineChoice } from './attempt-checkpoints.ts';

/**
 * Key prefixes of results that a later attempt of the same job reuses. All except checkpoints are written once;
 * checkpoints are written only as a training progresses.
 */
const KEPT = [storeKeys.checkpoints, storeKeys.features, storeKeys.predictions].map(({ prefix }) => prefix);

/** Wraps a store to count kept results. @param onKept called after each write of a result that a later attempt uses */
export function countKept(store: ObjectStore, onKept: () => void): ObjectStore {
  return {
    ...store,
    async put(key, body, condition) {
      const written = await store.put(key, body, condition);
      if (KEPT.some((prefix) => key.startsWith(prefix)) && !isEngineChoice(key)) onKept();
      return written;
    },
  };
}
