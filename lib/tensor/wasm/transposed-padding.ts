import * as tf from '@tensorflow/tfjs-core';

type Padding4D = [[number, number], [number, number], [number, number], [number, number]];

/**
 * The padding with which a convolution's gradient, zeros inserted, must be convolved with the flipped filter so that every
 * pixel of the input gets its gradient. The result may be some pixels larger than the input: those are to be cut off.
 * @param dyShape of the gradient with zeros inserted: [batch, height, width, channels]
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
