import type * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';

/** What the regularizers of a model's layers add to its loss, term by term. */
export function penalties(model: tfl.LayersModel): tf.Scalar[] {
  return model.calculateLosses();
}
