import * as tf from '@tensorflow/tfjs-core';

/**
 * Assigns a slot its next value and frees intermediate tensors; otherwise the update of a large layer would hold a
 * dozen tensors of its size at once.
 */
export function advance(slot: tf.Variable, next: () => tf.Tensor): tf.Variable {
  tf.tidy(() => {
    slot.assign(next());
  });
  return slot;
}
