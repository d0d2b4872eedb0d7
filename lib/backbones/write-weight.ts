import * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import type { WeightTensor } from './weights/weight-file.ts';

/** Gives a weight of a model its values. Both have the same shape. */
export function writeWeight(variable: LayerVariable, { shape, data }: WeightTensor): void {
  tf.tidy(() => void variable.write(tf.tensor(data, [...shape], variable.dtype)));
}
