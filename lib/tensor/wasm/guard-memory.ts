import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { outOfMemory } from '../out-of-memory.ts';

/** What Emscripten gives every module, and TF.js does not declare. */
interface Heap {
  _malloc(bytes: number): number;
  _free(address: number): void;
}

/** WebAssembly's addresses have 32 bits. */
const LIMIT = 2 ** 32;

/**
 * Lets the backend refuse a tensor for which there is no room. Left alone it takes the null that it gets for an address, and
 * computes over whatever lies at the beginning of its memory.
 */
export function guardMemory({ wasm }: BackendWasm): void {
  const heap = wasm as BackendWasm['wasm'] & Heap;
  // The first call of an exported function puts the compiled one in its place; only then can it be wrapped.
  heap._free(heap._malloc(1));
  const allocate = heap._malloc;
  heap._malloc = (bytes) => {
    const address = bytes < LIMIT ? allocate(bytes) : 0;
    if (address === 0 && bytes > 0) throw outOfMemory(`${bytes} bytes for one, beside those that fill WebAssembly's 4 GiB`);
    return address;
  };
}
