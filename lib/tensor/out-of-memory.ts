import { CapacityError } from '../errors.ts';

const CODE = 'DEVICE_OUT_OF_MEMORY';

/** Creates the error for a tensor that does not fit into memory. Earlier results stay intact. */
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
 * Tells whether an error means that the device (the GPU, this machine, or WebAssembly's 4 GiB) has no memory for
 * another tensor, so that a smaller batch may succeed. TensorFlow reports this as status 8, RESOURCE_EXHAUSTED.
 */
export function isOutOfMemory(error: unknown): boolean {
  if (error instanceof CapacityError) return error.code === CODE;
  return (
    error instanceof Error && /Invalid TF_Status: 8\b|\bOOM when allocating\b|Array buffer allocation failed/.test(error.message)
  );
}
