import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';
import { DataError } from '../errors.ts';
import { modelWeights } from './model-weights.ts';
import type { WeightTensor } from './weights/safetensors.ts';

/**
 * Gives every weight of the model the tensor of its name, `layer/weight`. Tensors that the model has no weight for (a file with
 * the top, a model without) are left aside.
 * @returns SHA-256, hexadecimal, of what was assigned: names, shapes and values, in the model's order
 * @throws DataError WEIGHTS_MISMATCH, naming the first weight that is missing or has another shape; nothing is assigned then
 */
export function assignByName(model: LayersModel, tensors: ReadonlyMap<string, WeightTensor>): string {
  const pairs = modelWeights(model).map(({ label, variable }) => ({
    label,
    variable,
    tensor: tensorFor(label, variable, tensors),
  }));
  const digest = createHash('sha256');
  for (const { label, variable, tensor } of pairs) {
    digest.update(`${label} ${JSON.stringify(tensor.shape)}\n`).update(bytesOf(tensor.data));
    writeWeight(variable, tensor);
  }
  return digest.digest('hex');
}

export function writeWeight(variable: LayerVariable, { shape, data }: WeightTensor): void {
  tf.tidy(() => void variable.write(tf.tensor(data, [...shape], variable.dtype)));
}

function tensorFor(label: string, { shape }: LayerVariable, tensors: ReadonlyMap<string, WeightTensor>): WeightTensor {
  const tensor = tensors.get(label);
  if (tensor && JSON.stringify(tensor.shape) === JSON.stringify(shape)) return tensor;
  throw new DataError('WEIGHTS_MISMATCH', {
    at: label,
    expected: `shape [${shape.join(', ')}]`,
    received: tensor ? `shape [${tensor.shape.join(', ')}]` : 'no such tensor',
    fix: 'use weights of this very backbone, alpha and top',
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
