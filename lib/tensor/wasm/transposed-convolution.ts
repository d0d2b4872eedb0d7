import * as tf from '@tensorflow/tfjs-core';

type Padding4D = [[number, number], [number, number], [number, number], [number, number]];

/**
 * Computes the padding for convolving a convolution's gradient, with zeros inserted, with the flipped filter, so that
 * every input pixel gets its gradient. The result may be some pixels larger than the input; crop these.
 * @param dyShape shape of the gradient with zeros inserted: [batch, height, width, channels]
 */
export function transposedPadding(conv: tf.backend_util.Conv2DInfo, dyShape: readonly number[]): Padding4D {
  const { padInfo, effectiveFilterHeight, effectiveFilterWidth, inHeight, inWidth } = conv;
  const [, height = 0, width = 0] = dyShape;
  return [
    [0, 0],
    along(inHeight, effectiveFilterHeight - 1, padInfo.top, height),
    along(inWidth, effectiveFilterWidth - 1, padInfo.left, width),
    [0, 0],
  ];
}

function along(size: number, reach: number, padding: number, gradient: number): [number, number] {
  tf.util.assert(
    padding <= reach,
    () => `a convolution padded by ${padding} sees nothing but padding: its filter reaches ${reach}`,
  );
  const before = reach - padding;
  return [before, Math.max(0, size + reach - before - gradient)];
}

/**
 * Inserts zeros between pixels and after the last one. This turns the gradient of a strided convolution into that of
 * a convolution with stride 1.
 * @param x [batch, height, width, channels]
 * @returns [batch, height * down, width * across, channels]
 */
export function insertZeros(x: tf.Tensor4D, [down, across]: readonly [number, number]): tf.Tensor4D {
  if (down === 1 && across === 1) return x;
  const [batch, height, width, channels] = x.shape;
  // In memory, a row of the image and the `down - 1` rows of zeros after it form one longer row.
  const rows = tf.reshape(x, [batch * height, width, channels]);
  const spread = tf.pad(rows, [
    [0, 0],
    [0, width * (down - 1)],
    [0, (across - 1) * channels],
  ]);
  return tf.reshape(spread, [batch, height * down, width * across, channels]);
}

/**
 * Rotates a filter by 180 degrees. (The backend's Reverse is a scalar loop, fifty times slower.)
 * @param filter [height, width, in, out]
 */
export function rotateFilter(filter: tf.Tensor4D): tf.Tensor4D {
  const [height, width, inChannels, outChannels] = filter.shape;
  const taps = height * width;
  const flat = tf.reshape(filter, [taps, inChannels * outChannels]);
  const turned = Array.from({ length: taps }, (_, tap) => tf.slice(flat, [taps - 1 - tap, 0], [1, inChannels * outChannels]));
  return tf.reshape(tf.concat(turned, 0), filter.shape);
}
