import { RuntimeError } from '../errors.ts';

const CODES: ReadonlySet<string> = new Set(['LOSS_NOT_FINITE', 'WEIGHTS_NOT_FINITE']);

/** Whether a training failed because it diverged: its loss or its weights became infinite or not a number. */
export function isDivergence(error: unknown): error is RuntimeError {
  return error instanceof RuntimeError && CODES.has(error.code);
}
