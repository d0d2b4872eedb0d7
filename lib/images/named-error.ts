import { errorDetail } from '../contracts/errors/error-members.ts';
import { DataError } from '../errors.ts';

/**
 * Adds the name of an image to what its decoder throws, which knows the bytes alone.
 * @param at name, path or key of the image
 * @returns the error with `at` if it is a DataError without one, otherwise the error as it is
 */
export function namedError(error: unknown, at: string): unknown {
  if (!(error instanceof DataError) || error.at !== undefined) return error;
  const { code, cause, retryable } = error;
  return new DataError(code, { ...errorDetail(error), at, retryable, ...(cause !== undefined && { cause }) });
}
