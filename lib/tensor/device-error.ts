import { RuntimeError } from '../errors.ts';
import { isOutOfMemory, outOfMemory } from './out-of-memory.ts';

/**
 * Converts an error of the tensor runtime that concerns the device to one of Graft's errors. Returns any other error
 * unchanged.
 * @returns CapacityError DEVICE_OUT_OF_MEMORY; RuntimeError DEVICE_LOST, which is retryable: another machine resumes
 *   from the last checkpoint
 */
export function deviceError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (isOutOfMemory(error)) return outOfMemory(error.message, error);
  if (!LOST.test(error.message)) return error;
  return new RuntimeError('DEVICE_LOST', {
    expected: 'the GPU that the job started on',
    received: error.message,
    fix: 'check the GPU: the next attempt continues from the checkpoint',
    retryable: true,
    cause: error,
  });
}

/**
 * Matches errors that mean the GPU was removed or reset, or has faulty memory, so that this process cannot compute
 * any more. The names are CUDA's and cuDNN's; TensorFlow passes them on. If TensorFlow ends the process instead, the
 * expired lease reveals the lost worker.
 */
const LOST = new RegExp(
  [
    'CUDA_ERROR_(NO_DEVICE|INVALID_DEVICE|DEVICE_UNAVAILABLE|ECC_UNCORRECTABLE|NVLINK_UNCORRECTABLE|HARDWARE_STACK_ERROR)',
    'CUDA_ERROR_(ILLEGAL_ADDRESS|LAUNCH_FAILED|LAUNCH_TIMEOUT|CONTEXT_IS_DESTROYED|SYSTEM_NOT_READY|UNKNOWN)',
    'CUDNN_STATUS_(EXECUTION_FAILED|INTERNAL_ERROR|NOT_INITIALIZED)',
  ].join('|'),
);
