import { RuntimeError } from '../errors.ts';
import { isOutOfMemory, outOfMemory } from './out-of-memory.ts';

/**
 * What a runtime threw, as an error of ours where it tells of the device; anything else comes back as it is.
 * @returns CapacityError DEVICE_OUT_OF_MEMORY; RuntimeError DEVICE_LOST, retryable: another machine goes on from the
 * last checkpoint
 */
export function deviceError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (isOutOfMemory(error)) return outOfMemory(error.message, error);
  if (!LOST.test(error.message)) return error;
  return new RuntimeError('DEVICE_LOST', {
    expected: 'the GPU that the job started on',
    received: error.message,
    fix: 'start the job again: it continues from its checkpoint',
    retryable: true,
    cause: error,
  });
}

/**
 * The GPU was taken away or reset, or its memory is faulty: nothing more can be computed in this process. CUDA and
 * cuDNN name these errors, and TensorFlow passes the names on. Where TensorFlow ends the process instead, the lost
 * worker is found by its lease.
 */
const LOST = new RegExp(
  [
    'CUDA_ERROR_(NO_DEVICE|INVALID_DEVICE|DEVICE_UNAVAILABLE|ECC_UNCORRECTABLE|NVLINK_UNCORRECTABLE|HARDWARE_STACK_ERROR)',
    'CUDA_ERROR_(ILLEGAL_ADDRESS|LAUNCH_FAILED|LAUNCH_TIMEOUT|CONTEXT_IS_DESTROYED|SYSTEM_NOT_READY|UNKNOWN)',
    'CUDNN_STATUS_(EXECUTION_FAILED|INTERNAL_ERROR|NOT_INITIALIZED)',
  ].join('|'),
);
