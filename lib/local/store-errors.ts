import { setImmediate as nextTurn } from 'node:timers/promises';
import { CapacityError, ConflictError, GraftError, RuntimeError, SpecError } from '../errors.ts';
import type { ObjectHead, PutCondition } from '../ports.ts';

/**
 * Runs a store's operation and gives its failures as ours: CapacityError STORE_FULL, or RuntimeError STORE_FAILED. It
 * takes a turn of the event loop: what reads in its own thread never waits, and a loop over many objects would keep
 * every timer and request waiting.
 */
export async function withStoreErrors<T>(at: string, operation: () => Promise<T>): Promise<T> {
  try {
    const result = await operation();
    await nextTurn();
    return result;
  } catch (error) {
    throw asStoreError(at, error);
  }
}

/** @see withStoreErrors */
export function asStoreError(at: string, error: unknown): GraftError {
  if (error instanceof GraftError) return error;
  if (hasCode(error, 'ENOSPC', 'EDQUOT'))
    return new CapacityError('STORE_FULL', { at, fix: 'free some disk space', cause: error });
  const received = error instanceof Error ? error.message : String(error);
  return new RuntimeError('STORE_FAILED', {
    at,
    received,
    fix: 'check the permissions and the disk of the data folder',
    cause: error,
  });
}

/** Whether a system call failed because its file does not exist. */
export function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT');
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => code === error.code);
}

/** What a write gets whose condition does not hold. @param present what is there instead */
export function preconditionFailed(key: string, present: ObjectHead | undefined, condition?: PutCondition): ConflictError {
  const isReplacing = condition !== undefined && 'ifMatch' in condition;
  return new ConflictError('PRECONDITION_FAILED', {
    at: key,
    expected: isReplacing ? `the version ${condition.ifMatch}` : 'no object',
    received: present?.etag ?? 'no object',
    fix: 'read the object again, then retry',
  });
}

/** Bytes [start, end) of an object, cut off at its end. @throws SpecError RANGE_NOT_SATISFIABLE where that holds no byte */
export function rangeOf(key: string, size: number, start: number, end: number): [start: number, end: number] {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start < end && start < size)
    return [start, Math.min(end, size)];
  throw new SpecError('RANGE_NOT_SATISFIABLE', {
    at: key,
    expected: `a range that starts within ${size} bytes`,
    received: [start, end],
  });
}
