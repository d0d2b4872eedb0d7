import { CapacityError, GraftError } from '../lib/errors.ts';

/** Pause before another attempt after a failure that may pass. */
export const RETRY_MS = 2_000;

/** Whether a failure may pass by itself: a lost connection, a server that has too much to do, or others who write, too. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof GraftError)) return false;
  if (error.retryable || error.code === 'DATASET_VERSION_CHANGED') return true;
  return error instanceof CapacityError && (error.httpStatus === 503 || error.httpStatus === 429);
}

/** Whether the server may have done what a failed request asks for: it failed meanwhile, or its response was lost. */
export function mayBeDone(error: unknown): boolean {
  if (!(error instanceof GraftError)) return true;
  return error.httpStatus >= 500 || error.code === 'IDEMPOTENCY_IN_PROGRESS';
}

/** Statuses of requests that fail again however often they are sent; 401 and 403 end with another token. */
const REFUSED = [400, 404, 409, 413, 422];

/** Whether the server refused what a request asks for, so that the same request fails again. */
export function isRefusal(error: unknown): boolean {
  return error instanceof GraftError && !mayPass(error) && REFUSED.includes(error.httpStatus);
}
