import * as tf from '@tensorflow/tfjs-core';

/**
 * Gives a slot its next value and frees what it took to compute it: the update of a large layer else holds a dozen tensors of its
 * size at once.
 */
export function advance(slot: tf.Variable, next: () => tf.Tensor): tf.Variable {
  tf.tidy(() => {
    slot.assign(next());
  });
  return slot;
}
