import { setTimeout as sleep } from 'node:timers/promises';
import { CapacityError } from '../errors.ts';

// Primary result codes (https://sqlite.org/rescode.html); extended codes carry them in their low byte.
const SQLITE_BUSY = 5;
const SQLITE_FULL = 13;

/** Less than the 29 s after which the API answers a request in any case, so that its answer names the reason. */
const BUSY_TIMEOUT_MS = 20_000;

/**
 * Runs a statement, and retries while another process holds the lock. The database must have a busy timeout of 0,
 * because waiting here does not block the event loop.
 * @throws CapacityError STORE_BUSY after 20 s; STORE_FULL if the disk is full; both are retryable
 */
export async function retryWhileBusy<T>(statement: () => T): Promise<T> {
  const deadline = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      return statement();
    } catch (error) {
      if (resultCode(error) === SQLITE_FULL) throw storeFull(error);
      if (!isBusy(error)) throw error;
      if (performance.now() > deadline) throw storeBusy(error);
    }
    await sleep(1);
  }
}

/** The error of a full disk. It is retryable: once somebody has freed some space, the same work succeeds. */
export function storeFull(cause: unknown, at?: string): CapacityError {
  return new CapacityError('STORE_FULL', {
    ...(at !== undefined && { at }),
    fix: 'free some disk space',
    cause,
    retryable: true,
  });
}

/** The error of a lock that another process has held for too long. It is retryable: a write takes milliseconds. */
export function storeBusy(cause: unknown, at?: string): CapacityError {
  return new CapacityError('STORE_BUSY', {
    ...(at !== undefined && { at }),
    fix: 'stop the process that holds the lock',
    cause,
    retryable: true,
  });
}

/** Checks whether a statement failed because another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === SQLITE_BUSY;
}

function resultCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}
