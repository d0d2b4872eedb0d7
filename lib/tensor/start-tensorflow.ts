import type { TensorRuntime } from './tensor-runtime.ts';
import { startWasm } from './wasm/start-wasm.ts';

let started: Promise<TensorRuntime> | undefined;

/**
 * Starts TensorFlow once in this process; every later call gives the same runtime. All other code imports
 * `@tensorflow/tfjs-core` directly and computes on whatever was started here.
 */
export function startTensorFlow(): Promise<TensorRuntime> {
  started ??= startWasm();
  return started;
}
