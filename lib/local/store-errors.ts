import { setImmediate as nextTurn } from 'node:timers/promises';
import { messageOf } from '../contracts/errors/message-of.ts';
import { ConflictError, GraftError, RuntimeError, SpecError } from '../errors.ts';
import type { ObjectHead, PutCondition } from '../ports.ts';
import { isBusy, storeBusy, storeFull } from './sqlite.ts';

/**
 * Runs an operation of a store and converts its failures to errors of Graft. Then yields to the event loop, because
 * synchronous reads never do so, and a loop over many objects would block all timers and requests.
 * @throws CapacityError STORE_FULL, STORE_BUSY; RuntimeError STORE_FAILED
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

/**
 * Converts a failure of a store to an error of Graft.
 * @see withStoreErrors
 */
export function asStoreError(at: string, error: unknown): GraftError {
  if (error instanceof GraftError) return error;
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) return storeFull(error, at);
  if (isBusy(error)) return storeBusy(error, at);
  const received = messageOf(error);
  return new RuntimeError('STORE_FAILED', {
    at,
    received,
    fix: 'check the permissions and the disk of the data folder',
    cause: error,
  });
}

/** Checks whether a system call failed because the file does not exist. */
export function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT');
}

/** Checks whether a hard link failed because the file system does not support it, or has too many of that file. */
export function isLinkRefused(error: unknown): boolean {
  return hasCode(error, 'EMLINK', 'EPERM', 'ENOTSUP', 'ENOSYS');
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => code === error.code);
}

/**
 * Creates the error for a write whose condition does not hold.
 * @param present the current object
 */
export function preconditionFailed(key: string, present: ObjectHead | undefined, condition?: PutCondition): ConflictError {
  const isReplacing = condition !== undefined && 'ifMatch' in condition;
  return new ConflictError('PRECONDITION_FAILED', {
    at: key,
    expected: isReplacing ? `the version ${condition.ifMatch}` : 'no object',
    received: present?.etag ?? 'no object',
    fix: 'read the object again, then retry',
  });
}

/**
 * Limits the range [start, end) to the size of an object.
 * @throws SpecError RANGE_NOT_SATISFIABLE if the range is invalid or starts after the end
 */
export function rangeOf(key: string, size: number, start: number, end: number): [start: number, end: number] {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start < end && start < size)
    return [start, Math.min(end, size)];
  throw new SpecError('RANGE_NOT_SATISFIABLE', {
    at: key,
    expected: `a range that starts within ${size} bytes`,
    received: [start, end],
  });
}
