/** The loops of the update rules as WebAssembly, which computes with four values at once. */
import compiled from './update-kernels.generated.json' with { type: 'json' };

/** The address of an array in the memory of the kernels. */
export type Address = number;

/** Stands for an array that a rule does not use. */
export const NONE: Address = 0;

/**
 * Functions that change arrays of float32 in place, in float32. `bytes` is the length of each array, a multiple of 16.
 * Their source is `assembly/update-kernels.ts`.
 */
export interface UpdateKernels {
  /** w = w factor */
  scale(bytes: number, values: Address, factor: number): void;
  /** w -= rate g */
  sgd(bytes: number, values: Address, gradient: Address, rate: number): void;
  /** v = momentum v - rate g; w += v, or with Nesterov's form w += momentum v - rate g */
  momentum(
    bytes: number,
    values: Address,
    gradient: Address,
    velocity: Address,
    rate: number,
    momentum: number,
    nesterov: boolean,
  ): void;
  /**
   * v = rho v + rest g^2, a = rho a + rest g, s = rate g / sqrt(v - a^2 + epsilon), u = momentum u + s, w -= u. Without
   * `averageGradient`, a is 0; without `moving`, u is s.
   */
  rmsprop(
    bytes: number,
    values: Address,
    gradient: Address,
    velocity: Address,
    averageGradient: Address,
    moving: Address,
    rate: number,
    rho: number,
    rest: number,
    momentum: number,
    epsilon: number,
  ): void;
  /**
   * m += rest1 (g - m), v += rest2 (g^2 - v), w -= rate m / (sqrt(v) + epsilon). With `largestVelocity`, the root is that
   * of the largest v so far.
   */
  adam(
    bytes: number,
    values: Address,
    gradient: Address,
    momentum: Address,
    velocity: Address,
    largestVelocity: Address,
    rate: number,
    rest1: number,
    rest2: number,
    epsilon: number,
  ): void;
  /** a += g^2, w -= rate g / sqrt(a + epsilon) */
  adagrad(bytes: number, values: Address, gradient: Address, accumulator: Address, rate: number, epsilon: number): void;
}

/** What Node.js has of WebAssembly, and its types lack. */
declare namespace WebAssembly {
  class Memory {
    constructor(size: { readonly initial: number });
    readonly buffer: ArrayBuffer;
  }
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  class Instance {
    constructor(module: Module, imports: { readonly env: { readonly memory: Memory } });
    readonly exports: unknown;
  }
}

/** The unit of a memory of WebAssembly, in bytes. */
const PAGE = 2 ** 16;

let compiledKernels: WebAssembly.Module | undefined;

/**
 * Opens the kernels on a memory of zeros.
 * @param bytes at most 4 GiB
 * @throws RangeError if this machine has no such memory
 */
export function openKernels(bytes: number): { readonly kernels: UpdateKernels; readonly buffer: ArrayBuffer } {
  compiledKernels ??= new WebAssembly.Module(Buffer.from(compiled.wasm, 'base64'));
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
  const { exports } = new WebAssembly.Instance(compiledKernels, { env: { memory } });
  return { kernels: exports as UpdateKernels, buffer: memory.buffer };
}
