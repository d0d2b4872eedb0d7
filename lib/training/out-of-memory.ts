import { CapacityError } from '../errors.ts';

const CODES: ReadonlySet<string> = new Set(['MEMORY_TOO_SMALL', 'DEVICE_OUT_OF_MEMORY']);

/** Whether a training failed because the memory of the machine or of its GPU is too small for it. */
export function isTrainingOutOfMemory(error: unknown): boolean {
  return error instanceof CapacityError && CODES.has(error.code);
}
