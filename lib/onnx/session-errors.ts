import { product } from '../arithmetic.ts';
import { DataError, RuntimeError } from '../errors.ts';
import type { SessionValue } from './onnx-session.ts';

/** @throws DataError ONNX_INPUT_MISMATCH when the data or the dims do not fit what the model takes */
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

export function modelUnreadable(cause: unknown): DataError {
  return new DataError('ONNX_UNREADABLE', {
    expected: 'an ONNX model that this runtime can load',
    received: messageOf(cause),
    fix: 'export the model again',
    cause,
  });
}

export function runFailed(cause: unknown): RuntimeError {
  return new RuntimeError('ONNX_RUN_FAILED', {
    expected: 'the model to run',
    received: messageOf(cause),
    fix: 'run a smaller batch; if it fails too, export the model again',
    cause,
  });
}

export function sessionClosed(): RuntimeError {
  return new RuntimeError('ONNX_SESSION_CLOSED', {
    expected: 'an open session',
    received: 'one that was closed',
    fix: 'open a new session',
  });
}

/** What a thrown value says, whatever it is. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
