/**
 * Whether an error says that the GPU is gone or unusable (taken away, reset, faulty memory): nothing more can be computed in
 * this process, but another attempt on another machine can go on from the last checkpoint. CUDA names its errors; TensorFlow
 * passes them on with status 13, INTERNAL. Where TensorFlow ends the process instead, the lost worker is found by its lease.
 */
export function isDeviceLost(error: unknown): boolean {
  return error instanceof Error && LOST.test(error.message);
}

const LOST = new RegExp(
  [
    'CUDA_ERROR_(NO_DEVICE|INVALID_DEVICE|DEVICE_UNAVAILABLE|ECC_UNCORRECTABLE|NVLINK_UNCORRECTABLE|HARDWARE_STACK_ERROR)',
    'CUDA_ERROR_(ILLEGAL_ADDRESS|LAUNCH_FAILED|LAUNCH_TIMEOUT|CONTEXT_IS_DESTROYED|SYSTEM_NOT_READY|UNKNOWN)',
    'CUDNN_STATUS_(EXECUTION_FAILED|INTERNAL_ERROR|NOT_INITIALIZED)',
    'failed to (query|synchronize|enqueue).*(event|stream|kernel|memcpy)',
    '(GPU|device) (is|was) lost',
  ].join('|'),
  'i',
);
