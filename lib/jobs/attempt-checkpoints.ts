import type { JobRecord } from '../contracts/job.ts';
import type { ObjectStore } from '../ports.ts';
import type { CheckpointStore } from '../training/checkpoints/checkpoint-store.ts';

const PHASES = ['head', 'tail', 'refit', 'tail-refit'] as const;
export type Phase = (typeof PHASES)[number];

/**
 * The checkpoints of one phase of an attempt: it begins with the newest that any attempt has left and writes only its own, so that a worker
 * which was replaced and does not know it yet cannot spoil those of its successor.
 */
export function attemptCheckpoints(job: JobRecord, phase: Phase, store: ObjectStore): CheckpointStore {
  return {
    async load() {
      for (let attempt = job.attempt; attempt > 0; attempt--) {
        const checkpoint = await store.get(checkpointKey(job.id, phase, attempt));
        if (checkpoint !== undefined) return checkpoint.body;
      }
      return undefined;
    },
    async save(bytes) {
      await store.put(checkpointKey(job.id, phase, job.attempt), bytes);
    },
  };
}

/** Nothing of a finished job's training is needed again. */
export async function deleteCheckpoints(job: JobRecord, store: ObjectStore): Promise<void> {
  for (const phase of PHASES) {
    for (let attempt = job.attempt; attempt > 0; attempt--) await store.delete(checkpointKey(job.id, phase, attempt));
  }
}

function checkpointKey(job: string, phase: Phase, attempt: number): string {
  return `checkpoints/${job}/${phase}-${attempt}`;
}
