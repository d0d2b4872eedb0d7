import { CapacityError, GraftError } from '../lib/errors.ts';

/** Whether a failure may pass by itself: a lost connection, or a server that has too much to do. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof GraftError)) return false;
  return error.retryable || (error instanceof CapacityError && (error.httpStatus === 503 || error.httpStatus === 429));
}
