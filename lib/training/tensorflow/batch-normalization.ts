import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { weightName } from '../layers-model/leaf-layers.ts';

const Settings = z.object({ axis: z.int(), momentum: z.number(), epsilon: z.number() });

/**
 * A BatchNormalization (Ioffe & Szegedy, arXiv:1502.03167) of the last axis, as Keras computes it. TF.js's own has no
 * gradient without gamma, and is slow in inference.
 * @param training normalizes with the batch's mean and biased variance, and updates the layer's statistics; without it,
 * normalizes with the layer's statistics
 */
export function batchNormalization(layer: tfl.layers.Layer, training: boolean): (x: tf.Tensor) => tf.Tensor {
  const { axis, momentum, epsilon } = Settings.parse(layer.getConfig());
  const weights = new Map(layer.weights.map((weight) => [weightName(weight), weight]));
  const [gamma, beta] = [weights.get('gamma'), weights.get('beta')];
  const [movingMean, movingVariance] = [weights.get('moving_mean'), weights.get('moving_variance')];
  if (movingMean === undefined || movingVariance === undefined) throw new TypeError(`${layer.name} has no statistics`);
  const move = (statistic: tfl.LayerVariable, value: tf.Tensor): void => {
    const moved = tf.add(tf.mul(statistic.read(), momentum), tf.mul(value, 1 - momentum));
    statistic.write(moved);
  };
  return (x) => {
    if (axis !== -1 && axis !== x.rank - 1) throw new TypeError(`${layer.name} does not normalize its last axis`);
    let [mean, variance] = [movingMean.read(), movingVariance.read()];
    if (training) {
      ({ mean, variance } = tf.moments(x, [...Array(x.rank - 1).keys()]));
      move(movingMean, mean);
      move(movingVariance, variance);
    }
    const deviation = tf.rsqrt(tf.add(variance, epsilon));
    const scale = gamma === undefined ? deviation : tf.mul(deviation, gamma.read());
    const shift = tf.mul(mean, scale);
    return tf.add(tf.mul(x, scale), beta === undefined ? tf.neg(shift) : tf.sub(beta.read(), shift));
  };
}
