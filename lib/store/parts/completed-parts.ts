/**
 * Counts the completed parts of a work without a shared counter and without a listing: a binary tree of objects. Level 0
 * has an object for each completed part; an object of a higher level exists if both objects below it do. The object at
 * the root says that all parts are complete.
 *
 * Whoever completes a part writes its object, and then looks for the other object below the same parent. If that exists,
 * it writes the parent and continues there; else it stops. S3 is strongly consistent, and each writes before it looks: of
 * two that complete at the same time, at least one sees the other. Both may go on, and write the same object. A message
 * that is delivered again repeats the whole way from its part, so a crash between two steps leaves nothing undone. The
 * order of messages does not matter, and no object has more than two writers.
 */
import { ConflictError } from '../../errors.ts';
import type { ObjectStore } from '../../ports.ts';
import type { PartKeys } from './part-keys.ts';

type DoneKeys = Pick<PartKeys, 'done'>;

/**
 * Records that a part is complete.
 * @param parts number of all parts
 * @returns whether all parts are complete. Of concurrent calls, one or more return true
 */
export async function recordPart({ done }: DoneKeys, part: number, parts: number, store: ObjectStore): Promise<boolean> {
  let [number, count] = [part, parts];
  for (let level = 0; ; level++) {
    await create(done(level, number), store);
    if (count === 1) return true;
    const other = number ^ 1;
    if (other < count && (await store.head(done(level, other))) === undefined) return false;
    number >>= 1;
    count = Math.ceil(count / 2);
  }
}

/** Whether a part is complete. */
export async function isPartComplete({ done }: DoneKeys, part: number, store: ObjectStore): Promise<boolean> {
  return (await store.head(done(0, part))) !== undefined;
}

/** Whether all parts are complete. */
export async function isEveryPartComplete({ done }: DoneKeys, parts: number, store: ObjectStore): Promise<boolean> {
  const root = Math.ceil(Math.log2(Math.max(parts, 1)));
  return parts === 0 || (await store.head(done(root, 0))) !== undefined;
}

async function create(key: string, store: ObjectStore): Promise<void> {
  await store.put(key, new Uint8Array(), { ifAbsent: true }).catch((error: unknown) => {
    if (!(error instanceof ConflictError)) throw error;
  });
}
