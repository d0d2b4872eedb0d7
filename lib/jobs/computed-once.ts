/** Values that a job computes once, for all of its attempts. They are stored beside its checkpoints. */
import type { z } from 'zod';
import type { JobRecord } from '../contracts/job.ts';
import type { ObjectStore } from '../ports.ts';
import { createDocument, readDocument } from '../store/documents.ts';
import { checkpointPrefix } from './attempt-checkpoints.ts';

/** A value that a job computes once. */
export interface Computed<Schema extends z.ZodType> {
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

function documentsOf<Schema extends z.ZodType>(job: string, schema: Schema) {
  return { schema, key: (id: string) => `${checkpointPrefix(job)}${id}.json` };
}
