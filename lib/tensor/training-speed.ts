import { availableParallelism } from 'node:os';
import type { TensorRuntime } from './tensor-runtime.ts';

/**
 * About how many multiply-adds a second a runtime trains with, forward and back; measured on 2 cores of a busy x86 server
 * (2026-11-24): 20e9 a core natively, 10e9 in WebAssembly, which has one thread. A GPU's is a guess at the share of its peak.
 */
export function trainingSpeed(runtime: TensorRuntime['name'], cores = availableParallelism()): number {
  return { gpu: 3e12, native: 20e9 * cores, wasm: 10e9 }[runtime];
}
