import * as tf from '@tensorflow/tfjs-core';

/** One kernel of ours for the WebAssembly backend. */
export interface WasmKernel {
  /** TensorFlow's own name of the operation. */
  readonly name: string;
  readonly run: tf.KernelFunc;
}

/** Puts a kernel of ours in the place of the backend's own, where it has one. */
export function registerWasmKernel({ name, run }: WasmKernel): void {
  if (tf.getKernel(name, 'wasm') !== undefined) tf.unregisterKernel(name, 'wasm');
  tf.registerKernel({ kernelName: name, backendName: 'wasm', kernelFunc: run });
}

/** An input of a kernel. The engine always hands tensors to kernels, though its types promise less. */
export function inputTensor(inputs: tf.NamedTensorInfoMap, name: string): tf.Tensor {
  const tensor = inputs[name];
  if (!(tensor instanceof tf.Tensor)) throw new TypeError(`kernel input ${name} is no tensor`);
  return tensor;
}
