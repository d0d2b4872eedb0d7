import type * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';

/** Returns the regularization terms of a model's layers. */
export function penalties(model: tfl.LayersModel): tf.Scalar[] {
  return model.calculateLosses();
}
