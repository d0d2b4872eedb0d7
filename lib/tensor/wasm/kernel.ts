import * as tf from '@tensorflow/tfjs-core';

export type KernelCall = Parameters<tf.KernelFunc>[0];

/** A kernel of ours for the WebAssembly backend. `stock` is the backend's own of that name, which it replaces. */
export interface WasmKernel {
  /** TensorFlow's own name of the operation. */
  readonly name: string;
  readonly run: (call: KernelCall, stock: tf.KernelFunc) => ReturnType<tf.KernelFunc>;
}

/**
 * A kernel that is composed of other operations, on four-dimensional tensors; what it makes on the way is disposed.
 * @typeParam Attributes what TF.js hands to the kernels of this name
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

/** Puts a kernel of ours in the place of the backend's own, where it has one. */
export function registerWasmKernel({ name, run }: WasmKernel): void {
  const stock = tf.getKernelsForBackend('wasm').find(({ kernelName }) => kernelName === name)?.kernelFunc;
  if (stock) tf.unregisterKernel(name, 'wasm');
  tf.registerKernel({ kernelName: name, backendName: 'wasm', kernelFunc: (call) => run(call, stock ?? missing(name)) });
}

/** An input of a kernel. The engine always hands tensors to kernels, though its types promise less. */
export function inputTensor({ inputs }: KernelCall, name: string): tf.Tensor {
  const tensor = inputs[name];
  if (!(tensor instanceof tf.Tensor)) throw new TypeError(`kernel input ${name} is no tensor`);
  return tensor;
}

/** The attributes of a kernel by its own type: TF.js's registry gives the kernels of all names one. */
export function attributesOf<Attributes>({ attrs }: KernelCall): Attributes {
  return attrs as Attributes;
}

function isRank4(tensor: tf.Tensor | undefined): tensor is tf.Tensor4D {
  return tensor?.rank === 4;
}

function missing(name: string): tf.KernelFunc {
  return () => {
    throw new Error(`the WebAssembly backend has no kernel ${name} of its own`);
  };
}
