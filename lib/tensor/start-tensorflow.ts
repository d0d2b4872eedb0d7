import { SpecError } from '../errors.ts';
import { startNative } from './native/start-native.ts';
import { startTensors } from './start-tensors.ts';
import type { TensorRuntime } from './tensor-runtime.ts';

let started: Promise<TensorRuntime> | undefined;

/**
 * Starts TensorFlow once per process, to train; later calls return the same runtime. It is the one that the environment
 * variable `GRAFT_TENSORFLOW` selects (`wasm`, `native`, `gpu`), else the best that loads. Code that imports
 * `@tensorflow/tfjs-core` computes in it from then on; nothing else may use tensors until it has started. To only build
 * models, use `startTensors`.
 * @throws SpecError TENSORFLOW_UNKNOWN, TENSORFLOW_NOT_INSTALLED, GPU_NOT_FOUND; RuntimeError NATIVE_*,
 *   WASM_NOT_STARTED
 * @example
 * ```ts
 * const { name } = await startTensorFlow(); // 'native' where it is built, otherwise 'wasm'
 * ```
 */
export function startTensorFlow(): Promise<TensorRuntime> {
  started ??= start(process.env.GRAFT_TENSORFLOW);
  return started;
}

async function start(wanted: string | undefined): Promise<TensorRuntime> {
  await startTensors();
  switch (wanted) {
    case undefined:
    case '':
      return startBest();
    case 'wasm':
      return startWasm();
    case 'native':
      return startNative();
    case 'gpu':
      return startOnGpu();
    default:
      throw new SpecError('TENSORFLOW_UNKNOWN', { at: 'GRAFT_TENSORFLOW', expected: 'wasm, native or gpu', received: wanted });
  }
}

/** Imports the WebAssembly backend only when it is needed. */
async function startWasm(): Promise<TensorRuntime> {
  const wasm = await import('./wasm/start-wasm.ts');
  return wasm.startWasm();
}

/**
 * Starts the native TensorFlow if it loads, else WebAssembly. If an installed native one fails to load, the log says
 * why.
 */
async function startBest(): Promise<TensorRuntime> {
  try {
    return startNative();
  } catch (error) {
    const runtime = await startWasm();
    if (!(error instanceof Error) || error instanceof SpecError) return runtime;
    return { ...runtime, description: `${runtime.description}, because native TensorFlow did not start: ${error.message}` };
  }
}

function startOnGpu(): TensorRuntime {
  const runtime = startNative();
  if (runtime.name === 'gpu') return runtime;
  throw new SpecError('GPU_NOT_FOUND', {
    at: 'GRAFT_TENSORFLOW',
    expected: 'a GPU, its driver, and @tensorflow/tfjs-node-gpu',
    received: runtime.description,
    fix: 'set GRAFT_TENSORFLOW to native or leave it unset to train on the CPU',
  });
}
