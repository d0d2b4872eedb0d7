import { CapacityError } from '../errors.ts';

/**
 * Enforces the deadline of a deletion. Stores call it immediately before they delete an object.
 * @throws CapacityError DELETE_TOO_LATE
 */
export function requireBefore(key: string, before: Date | undefined, now: Date): void {
  if (before === undefined || now.getTime() < before.getTime()) return;
  throw new CapacityError('DELETE_TOO_LATE', {
    at: key,
    expected: `a removal that starts before ${before.toISOString()}`,
    received: now.toISOString(),
    fix: 'nothing: the collector tries again',
    retryable: true,
  });
}
