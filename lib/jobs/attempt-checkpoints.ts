import type { z } from 'zod';
import type { JobRecord } from '../contracts/job.ts';
import type { ObjectStore } from '../ports.ts';
import { createDocument, readDocument } from '../store/documents.ts';
import { listKeys } from '../store/list-keys.ts';
import { storeKeys } from '../store/store-keys.ts';
import type { CheckpointStore } from '../training/checkpoints/checkpoint-store.ts';

/**
 * The checkpoints of one training of an attempt. It starts from the newest checkpoint of any attempt, and writes only
 * its own. So a replaced worker cannot overwrite the checkpoints of its successor.
 * @param training its name within the job
 */
export function attemptCheckpoints(job: JobRecord, training: string, store: ObjectStore): CheckpointStore {
  return {
    async load() {
      for (let attempt = job.attempt; attempt > 0; attempt--) {
        const checkpoint = await store.get(checkpointKey(job.id, training, attempt));
        if (checkpoint !== undefined) return checkpoint.body;
      }
      return undefined;
    },
    async save(bytes) {
      await store.put(checkpointKey(job.id, training, job.attempt), bytes);
    },
  };
}

/** A value that a job computes once. */
interface Computed<Schema extends z.ZodType> {
  readonly job: JobRecord;
  /** Its name within the job. */
  readonly name: string;
  readonly schema: Schema;
}

/**
 * Computes a value once for a job and stores it for later attempts: for example a measurement, which another attempt
 * would not repeat to the same bits.
 */
export async function loadOrCompute<Schema extends z.ZodType>(
  computed: Computed<Schema>,
  store: ObjectStore,
  find: () => Promise<z.infer<Schema>>,
): Promise<z.infer<Schema>> {
  const known = await loadComputed(computed, store);
  if (known !== undefined) return known;
  const found = await find();
  const { job, name, schema } = computed;
  if (await createDocument(store, documentsOf(job.id, schema), name, found)) return found;
  return (await loadComputed(computed, store)) ?? found;
}

/** The value that an earlier attempt has computed by `loadOrCompute`. @returns undefined if none has */
export function loadComputed<Schema extends z.ZodType>(
  { job, name, schema }: Computed<Schema>,
  store: ObjectStore,
): Promise<z.infer<Schema> | undefined> {
  return readDocument(store, documentsOf(job.id, schema), name);
}

/** As loadOrCompute, for a choice that a retry of the job keeps as well. */
export function loadOrChoose<Schema extends z.ZodType>(
  computed: Computed<Schema>,
  store: ObjectStore,
  choose: () => Promise<z.infer<Schema>>,
): Promise<z.infer<Schema>> {
  const { job, name, schema } = computed;
  return loadOrCompute(computed, store, async () => {
    if (job.retryOf === undefined) return choose();
    return (await readDocument(store, documentsOf(job.retryOf, schema), name)) ?? choose();
  });
}

/** The beginning of the names of choices of engines, which are no progress of a job. */
export const ENGINE_CHOICE = 'engine';

/** Tells whether a key holds the choice of an engine. */
export function isEngineChoice(key: string): boolean {
  return key.startsWith(storeKeys.checkpoints.prefix) && key.slice(key.lastIndexOf('/') + 1).startsWith(ENGINE_CHOICE);
}

/** The names of a job's checkpoints but the choices of engines: of its trainings, and of what it has computed once. */
export async function listCheckpointNames(job: JobRecord, store: ObjectStore): Promise<string[]> {
  const prefix = prefixOf(job.id);
  const names: string[] = [];
  for await (const { key } of listKeys(store, prefix)) if (!isEngineChoice(key)) names.push(key.slice(prefix.length));
  return names;
}

/** Deletes the checkpoints of a finished job. @param part prefix of the names of trainings; default: all trainings */
export async function deleteCheckpoints(job: JobRecord, store: ObjectStore, part = ''): Promise<void> {
  for await (const { key } of listKeys(store, `${prefixOf(job.id)}${part}`)) await store.delete(key);
}

function documentsOf<Schema extends z.ZodType>(job: string, schema: Schema) {
  return { schema, key: (id: string) => `${prefixOf(job)}${id}.json` };
}

function checkpointKey(job: string, training: string, attempt: number): string {
  return `${prefixOf(job)}${training}-${attempt}`;
}

function prefixOf(job: string): string {
  return `${storeKeys.checkpoints.prefix}${job}/`;
}
