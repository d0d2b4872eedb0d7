import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { outOfMemory } from '../out-of-memory.ts';

/** Emscripten's exports of every module, which TF.js does not declare. */
interface Heap {
  _malloc(bytes: number): number;
  _free(address: number): void;
}

/** WebAssembly addresses have 32 bits. */
const LIMIT = 2 ** 32;

/**
 * Makes the backend throw when it has no memory for a tensor. Otherwise it uses the null that it gets as an address,
 * and overwrites the start of its memory.
 */
export function guardMemory({ wasm }: BackendWasm): void {
  const heap = wasm as BackendWasm['wasm'] & Heap;
  // The first call of an exported function replaces it with the compiled one, which can then be wrapped.
  heap._free(heap._malloc(1));
  const allocate = heap._malloc;
  heap._malloc = (bytes) => {
    const address = bytes < LIMIT ? allocate(bytes) : 0;
    if (address === 0 && bytes > 0) throw outOfMemory(`${bytes} bytes for one, beside those that fill WebAssembly's 4 GiB`);
    return address;
  };
}
