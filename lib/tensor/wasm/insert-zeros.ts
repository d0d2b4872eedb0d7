import * as tf from '@tensorflow/tfjs-core';

/**
 * Puts zeros between pixels, and after the last one: what turns the gradient of a strided convolution into that of a dense one.
 * @param x [batch, height, width, channels]
 * @returns [batch, height * down, width * across, channels]
 */
export function insertZeros(x: tf.Tensor4D, [down, across]: readonly [number, number]): tf.Tensor4D {
  if (down === 1 && across === 1) return x;
  const [batch, height, width, channels] = x.shape;
  // A row of the image, then `down - 1` rows of zeros: in memory that is one row with zeros behind it.
  const rows = tf.reshape(x, [batch * height, width, channels]);
  const spread = tf.pad(rows, [
    [0, 0],
    [0, width * (down - 1)],
    [0, (across - 1) * channels],
  ]);
  return tf.reshape(spread, [batch, height * down, width * across, channels]);
}
