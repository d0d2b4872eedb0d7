import { ConflictError } from '../errors.ts';
import type { ObjectStore, PutCondition } from '../ports.ts';

/**
 * Writes an object if a condition holds.
 * @returns whether it was written
 */
export async function putIf(store: ObjectStore, key: string, bytes: Uint8Array, condition: PutCondition): Promise<boolean> {
  try {
    await store.put(key, bytes, condition);
    return true;
  } catch (error) {
    if (error instanceof ConflictError && error.code === 'PRECONDITION_FAILED') return false;
    throw error;
  }
}

/**
 * Writes an object unless one exists under its key.
 * @returns whether it was written
 */
export function putIfAbsent(store: ObjectStore, key: string, bytes: Uint8Array): Promise<boolean> {
  return putIf(store, key, bytes, { ifAbsent: true });
}
