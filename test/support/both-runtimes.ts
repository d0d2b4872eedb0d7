import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { startNative } from '../../lib/tensor/native/start-native.ts';
import { startWasm } from '../../lib/tensor/wasm/start-wasm.ts';

export type BackendName = 'tensorflow' | 'wasm';

/** Starts both runtimes in this process, so that one test can compare them. */
export async function startBoth(): Promise<void> {
  startNative();
  await startWasm();
}

/** What `compute` gives on each of the two. */
export async function onBoth<T>(compute: () => T | Promise<T>): Promise<Record<BackendName, T>> {
  return { tensorflow: await on('tensorflow', compute), wasm: await on('wasm', compute) };
}

async function on<T>(backend: BackendName, compute: () => T | Promise<T>): Promise<T> {
  await tf.setBackend(backend);
  return compute();
}
