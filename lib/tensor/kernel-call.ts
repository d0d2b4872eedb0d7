import * as tf from '@tensorflow/tfjs-core';

/** The argument of a kernel function. */
export type KernelCall = Parameters<tf.KernelFunc>[0];

/** Returns an input of a kernel. The engine always passes tensors, though its types promise less. */
export function inputTensor({ inputs }: KernelCall, name: string): tf.Tensor {
  const tensor = inputs[name];
  if (!(tensor instanceof tf.Tensor)) throw new TypeError(`kernel input ${name} is no tensor`);
  return tensor;
}

/** Casts the attributes of a kernel to their own type. TF.js's registry has one type for all kernels. */
export function attributesOf<Attributes>({ attrs }: KernelCall): Attributes {
  return attrs as Attributes;
}
