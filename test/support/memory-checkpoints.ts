import type { CheckpointStore } from '../../lib/training/checkpoints/checkpoint-store.ts';

/** Checkpoints in memory, with all that were ever saved. */
export interface MemoryCheckpoints extends CheckpointStore {
  readonly saved: readonly Uint8Array[];
}

export function memoryCheckpoints(first?: Uint8Array): MemoryCheckpoints {
  const saved = first === undefined ? [] : [first];
  return {
    saved,
    load: async () => saved.at(-1),
    save: async (bytes) => {
      saved.push(bytes);
    },
  };
}
