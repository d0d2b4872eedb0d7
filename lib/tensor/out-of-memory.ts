import { CapacityError } from '../errors.ts';

const CODE = 'DEVICE_OUT_OF_MEMORY';

/** The error of a runtime that cannot hold another tensor. What was computed so far stays whole. */
export function outOfMemory(received: string, cause?: unknown): CapacityError {
  if (cause instanceof CapacityError && cause.code === CODE) return cause;
  return new CapacityError(CODE, {
    expected: 'memory for another tensor',
    received,
    fix: 'use a smaller batch or input size, or a larger machine',
    cause,
  });
}

/**
 * Whether an error says that the device (the GPU, this machine, or WebAssembly's 4 GiB) has no room for another tensor, so that
 * a smaller batch may pass. TensorFlow says it with status 8, RESOURCE_EXHAUSTED.
 */
export function isOutOfMemory(error: unknown): boolean {
  if (error instanceof CapacityError) return error.code === CODE;
  return (
    error instanceof Error && /Invalid TF_Status: 8\b|\bOOM when allocating\b|Array buffer allocation failed/.test(error.message)
  );
}
