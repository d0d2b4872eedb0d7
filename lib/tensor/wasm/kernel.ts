import * as tf from '@tensorflow/tfjs-core';
import { attributesOf, inputTensor, type KernelCall } from '../kernel-call.ts';

/** One of Graft's kernels for the WebAssembly backend. `stock` is the backend's own kernel that it replaces. */
export interface WasmKernel {
  /** TensorFlow's name of the operation. */
  readonly name: string;
  readonly run: (call: KernelCall, stock: tf.KernelFunc) => ReturnType<tf.KernelFunc>;
}

/**
 * Creates a kernel from other operations on tensors of rank 4, and disposes the intermediate tensors.
 * @typeParam Attributes the attributes that TF.js passes to kernels of this name
 */
export function composedKernel<Attributes>(
  name: string,
  inputNames: readonly [string, string],
  compute: (a: tf.Tensor4D, b: tf.Tensor4D, attributes: Attributes) => tf.Tensor,
): WasmKernel {
  return {
    name,
    run: (call) =>
      tf.tidy(() => {
        const [a, b] = inputNames.map((input) => inputTensor(call, input));
        if (!isRank4(a) || !isRank4(b)) throw new TypeError(`${name} takes tensors of four dimensions`);
        return compute(a, b, attributesOf<Attributes>(call));
      }),
  };
}

/** Registers a kernel, replacing the backend's own if it has one. */
export function registerWasmKernel({ name, run }: WasmKernel): void {
  const stock = tf.getKernelsForBackend('wasm').find(({ kernelName }) => kernelName === name)?.kernelFunc;
  if (stock) tf.unregisterKernel(name, 'wasm');
  tf.registerKernel({ kernelName: name, backendName: 'wasm', kernelFunc: (call) => run(call, stock ?? missing(name)) });
}

function isRank4(tensor: tf.Tensor | undefined): tensor is tf.Tensor4D {
  return tensor?.rank === 4;
}

function missing(name: string): tf.KernelFunc {
  return () => {
    throw new Error(`the WebAssembly backend has no kernel ${name} of its own`);
  };
}
