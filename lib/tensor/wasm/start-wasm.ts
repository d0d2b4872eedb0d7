import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { BackendWasm, setWasmPaths, version_wasm as version } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { RuntimeError } from '../../errors.ts';
import type { TensorRuntime } from '../tensor-runtime.ts';
import { guardMemory } from './guard-memory.ts';
import { patchWasmKernels } from './patch-wasm-kernels.ts';

/**
 * Starts the WebAssembly backend from the files of its package, without network access, and patches its kernels. It
 * runs on one thread: in Node, the backend never uses its threaded binary.
 * @throws RuntimeError WASM_NOT_STARTED
 */
export async function startWasm(): Promise<TensorRuntime> {
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(dirname(entry) + sep);
  const before = tf.getBackend();
  const ready = await tf.setBackend('wasm');
  const backend = ready && tf.backend();
  if (!(backend instanceof BackendWasm)) {
    // Otherwise nothing could read the weights of the process any more.
    await tf.setBackend(before);
    throw new RuntimeError('WASM_NOT_STARTED', {
      at: dirname(entry),
      expected: 'the WebAssembly binaries of tfjs-backend-wasm',
      fix: 'npm ci',
    });
  }
  guardMemory(backend);
  patchWasmKernels();
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return {
    name: 'wasm',
    description: `TensorFlow runs in WebAssembly (tfjs ${version}, ${simd ? 'SIMD' : 'no SIMD'}, 1 thread)`,
    versions: { tfjs: tf.version_core, wasm: version, simd: String(simd) },
  };
}
