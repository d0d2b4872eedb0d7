import { CapacityError } from '../errors.ts';

const CODES: ReadonlySet<string> = new Set(['MEMORY_TOO_SMALL', 'DEVICE_OUT_OF_MEMORY']);

/**
 * Whether a training failed because the memory of the machine or of its GPU is too small for it.
 * @param error an error of the tensor runtime must be converted by `deviceError` first
 */
export function isTrainingOutOfMemory(error: unknown): error is CapacityError {
  return error instanceof CapacityError && CODES.has(error.code);
}
