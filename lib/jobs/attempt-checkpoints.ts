import type { JobRecord } from '../contracts/job.ts';
import type { ObjectStore } from '../ports.ts';
import type { CheckpointStore } from '../training/checkpoints/checkpoint-store.ts';

/**
 * The checkpoints of one attempt: it begins with the newest that any attempt has left and writes only its own, so that a worker
 * which was replaced and does not know it yet cannot spoil those of its successor.
 */
export function attemptCheckpoints(job: JobRecord, store: ObjectStore): CheckpointStore {
  return {
    async load() {
      for (let attempt = job.attempt; attempt > 0; attempt--) {
        const checkpoint = await store.get(checkpointKey(job.id, attempt));
        if (checkpoint !== undefined) return checkpoint.body;
      }
      return undefined;
    },
    async save(bytes) {
      await store.put(checkpointKey(job.id, job.attempt), bytes);
    },
  };
}

/** Nothing of a finished job's training is needed again. */
export async function deleteCheckpoints(job: JobRecord, store: ObjectStore): Promise<void> {
  for (let attempt = job.attempt; attempt > 0; attempt--) await store.delete(checkpointKey(job.id, attempt));
}

function checkpointKey(job: string, attempt: number): string {
  return `checkpoints/${job}/${attempt}`;
}
