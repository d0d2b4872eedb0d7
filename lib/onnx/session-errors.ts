import { product } from '../arithmetic.ts';
import { messageOf } from '../contracts/errors/message-of.ts';
import { CapacityError, DataError, RuntimeError } from '../errors.ts';
import type { SessionValue } from './onnx-session.ts';

/**
 * Checks an input against the model's declaration.
 * @throws DataError ONNX_INPUT_MISMATCH if the data or the dims do not fit
 */
export function checkInput(expected: SessionValue | undefined, input: Float32Array, dims: readonly number[]): void {
  const shape = expected?.shape ?? [];
  const fits = shape.length === dims.length && shape.every((size, axis) => typeof size === 'string' || size === dims[axis]);
  const elements = product(dims);
  if (fits && elements === input.length) return;
  throw new DataError('ONNX_INPUT_MISMATCH', {
    at: expected?.name ?? 'input',
    expected: `[${shape.join(', ')}] with as many numbers`,
    received: `[${dims.join(', ')}] with ${input.length} numbers`,
    fix: 'resize the input to the size that the model expects',
  });
}

/** Creates the error for a file that onnxruntime cannot load. */
export function modelUnreadable(cause: unknown): DataError {
  return new DataError('ONNX_UNREADABLE', {
    expected: 'an ONNX model that this runtime can load',
    received: messageOf(cause),
    fix: 'export the model again',
    cause,
  });
}

/** Messages of onnxruntime's allocators, of C++, and of WebGPU. */
const OUT_OF_MEMORY = /Failed to allocate memory|ran out of memory|Available memory of|bad_alloc|bad allocation|[Oo]ut of memory/;

/** Creates the error for a failed run: DEVICE_OUT_OF_MEMORY if a smaller batch may succeed, else ONNX_RUN_FAILED. */
export function runFailed(cause: unknown): CapacityError | RuntimeError {
  const received = messageOf(cause);
  if (OUT_OF_MEMORY.test(received)) {
    return new CapacityError('DEVICE_OUT_OF_MEMORY', {
      expected: 'memory for the values of this batch',
      received,
      fix: 'use a smaller batch or input size, or a larger machine',
      cause,
    });
  }
  return new RuntimeError('ONNX_RUN_FAILED', {
    expected: 'the model to run',
    received,
    fix: 'run a smaller batch; if it fails too, export the model again',
    cause,
  });
}

/** Creates the error for a run on a closed session. */
export function sessionClosed(): RuntimeError {
  return new RuntimeError('ONNX_SESSION_CLOSED', {
    expected: 'an open session',
    received: 'one that was closed',
    fix: 'open a new session',
  });
}

const WORKER_EXITED = 'ONNX_WORKER_EXITED';

/** Creates the error for a session whose worker thread exited. @param cause the thread's error, if it had one */
export function workerExited(cause: unknown): RuntimeError {
  return new RuntimeError(WORKER_EXITED, {
    expected: 'the thread of the session to run until it is closed',
    received: cause instanceof Error ? cause.message : 'its end',
    fix: 'open a new session, with more memory if the thread ran out of it',
    cause,
    retryable: true,
  });
}

/** Tells whether an error is that of a session whose worker thread exited: it cannot run again. */
export function isWorkerExited(error: unknown): boolean {
  return error instanceof RuntimeError && error.code === WORKER_EXITED;
}
