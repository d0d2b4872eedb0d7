import type { ObjectStore } from '../../ports.ts';

/** Where the one checkpoint of a training run lies. A save replaces the one before, whole or not at all. */
export interface CheckpointStore {
  load(): Promise<Uint8Array | undefined>;
  save(bytes: Uint8Array): Promise<void>;
}

/** A checkpoint that is an object of a store. */
export function objectCheckpoints(store: ObjectStore, key: string): CheckpointStore {
  return {
    load: async () => (await store.get(key))?.body,
    async save(bytes) {
      await store.put(key, bytes);
    },
  };
}
