import type { JobRecord } from '../contracts/job.ts';
import type { ObjectStore } from '../ports.ts';
import { listKeys } from '../store/list-keys.ts';
import { storeKeys } from '../store/store-keys.ts';
import type { CheckpointStore } from '../training/checkpoints/checkpoint-store.ts';

/**
 * The checkpoints of one training of an attempt. It starts from the newest checkpoint of any attempt, and writes only
 * its own. So a replaced worker cannot overwrite the checkpoints of its successor. Once it has written one, nobody reads
 * those of earlier attempts, and it deletes them: each may be hundreds of megabytes.
 * @param training its name within the job
 */
export function attemptCheckpoints(job: JobRecord, training: string, store: ObjectStore): CheckpointStore {
  const keyOf = (attempt: number) => `${checkpointPrefix(job.id)}${training}-${attempt}`;
  let isOnly = job.attempt === 1;

  async function newest(): Promise<Uint8Array | undefined> {
    for (let attempt = job.attempt; attempt > 0; attempt--) {
      const checkpoint = await store.get(keyOf(attempt));
      if (checkpoint !== undefined) return checkpoint.body;
    }
    return undefined;
  }

  async function deleteEarlier(): Promise<void> {
    for (let attempt = job.attempt - 1; attempt > 0; attempt--) await store.delete(keyOf(attempt));
  }

  return {
    async load() {
      // A replaced worker may write its first checkpoint, and delete the earlier ones, while this one looks for them.
      return (await newest()) ?? (job.attempt > 1 ? newest() : undefined);
    },
    async save(bytes) {
      await store.put(keyOf(job.attempt), bytes);
      if (isOnly) return;
      // What cannot be deleted now is deleted after the next checkpoint, or expires.
      isOnly = await deleteEarlier().then(
        () => true,
        () => false,
      );
    },
  };
}

/** The beginning of the names of choices of engines, which are no progress of a job. */
export const ENGINE_CHOICE = 'engine';

/** Tells whether a key holds the choice of an engine. */
export function isEngineChoice(key: string): boolean {
  return key.startsWith(storeKeys.checkpoints.prefix) && key.slice(key.lastIndexOf('/') + 1).startsWith(ENGINE_CHOICE);
}

/** The names of a job's checkpoints but the choices of engines: of its trainings, and of what it has computed once. */
export async function listCheckpointNames(job: JobRecord, store: ObjectStore): Promise<string[]> {
  const prefix = checkpointPrefix(job.id);
  const names: string[] = [];
  for await (const { key } of listKeys(store, prefix)) if (!isEngineChoice(key)) names.push(key.slice(prefix.length));
  return names;
}

/** Deletes the checkpoints of a finished job. @param part prefix of the names of trainings; default: all trainings */
export async function deleteCheckpoints(job: JobRecord, store: ObjectStore, part = ''): Promise<void> {
  for await (const { key } of listKeys(store, `${checkpointPrefix(job.id)}${part}`)) await store.delete(key);
}

/**
 * Deletes the checkpoints of the trainings of a job that has failed or was cancelled. What it has computed once is small,
 * and a retry reads some of it.
 */
export async function deleteTrainingCheckpoints(job: JobRecord, store: ObjectStore): Promise<void> {
  for await (const { key } of listKeys(store, checkpointPrefix(job.id))) if (/-\d+$/.test(key)) await store.delete(key);
}

/** Of the keys of a job's checkpoints, and of what it has computed once. */
export function checkpointPrefix(job: string): string {
  return `${storeKeys.checkpoints.prefix}${job}/`;
}
