import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';

/** What the regularizers of a model's layers add to its loss, term by term. */
export function penalties(model: tfl.LayersModel): tf.Scalar[] {
  return model.calculateLosses();
}

export async function totalPenalty(model: tfl.LayersModel): Promise<number> {
  const total = tf.tidy(() => penalties(model).reduce((sum, penalty) => tf.add(sum, penalty), tf.scalar(0)));
  const [value = 0] = await total.data();
  total.dispose();
  return value;
}
