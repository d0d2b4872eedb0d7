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
import type { ObjectStore } from '../../ports.ts';
import { putIfAbsent } from '../conditional-put.ts';
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
    await putIfAbsent(store, done(level, number), new Uint8Array());
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
  return parts === 0 || (await store.head(done(rootLevel(parts), 0))) !== undefined;
}

/**
 * Finds complete parts whose way to the root was left unfinished, because their function died: the first part below each
 * object that is missing although both objects below it exist. All parts must be complete.
 * @returns no part if the root exists
 */
export async function findUnjoined({ done }: DoneKeys, parts: number, store: ObjectStore): Promise<number[]> {
  const below = async (level: number, number: number): Promise<number[]> => {
    if (level === 0 || (await store.head(done(level, number))) !== undefined) return [];
    const last = Math.ceil(parts / 2 ** (level - 1)) - 1;
    const children = [2 * number, 2 * number + 1].filter((child) => child <= last);
    const missing: number[] = [];
    for (const child of children) missing.push(...(await below(level - 1, child)));
    return missing.length > 0 ? missing : [number * 2 ** level];
  };
  return below(rootLevel(parts), 0);
}

function rootLevel(parts: number): number {
  return Math.ceil(Math.log2(Math.max(parts, 1)));
}
