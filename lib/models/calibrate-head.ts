import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { LogitScaling } from '../training/calibration/logit-scaling.ts';

/**
 * Folds a scaling of the logits into the weights of the last layer, so that the served graph needs no extra step.
 * @param head its last layer outputs the logits; if the layer cannot scale classes separately (`canScalePerLabel`), the
 * first scale applies to all
 */
export function foldScaling(head: tfl.LayersModel, { scales, offsets }: LogitScaling): void {
  const last = head.layers.at(-1);
  if (last === undefined) return;
  const perLabel = canScalePerLabel(head);
  const scaled = tf.tidy(() => {
    const scale = perLabel ? tf.tensor1d([...scales]) : tf.scalar(scales[0] ?? 1);
    const [kernel, ...others] = last.getWeights().map((weight) => tf.mul(weight, scale));
    const rest = perLabel ? others.map((bias) => tf.add(bias, tf.tensor1d([...offsets]))) : others;
    return (kernel === undefined ? rest : [kernel, ...rest]).map((weight) => tf.keep(weight));
  });
  last.setWeights(scaled);
  tf.dispose(scaled);
}

/** Checks whether each class has its own column of weights and its own bias. */
export function canScalePerLabel(head: tfl.LayersModel): boolean {
  const last = head.layers.at(-1);
  return last?.getClassName() === 'Dense' && last.getWeights().length === 2;
}
