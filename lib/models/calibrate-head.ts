import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { LogitScaling } from '../training/calibration/logit-scaling.ts';

/**
 * Writes a scaling of the logits into the weights of the layer that gives them, so that the served graph needs no
 * further step.
 * @param head ends in the layer of the logits; one that has no room for a scale of each class (`hasRoomPerLabel`) takes
 * the first one's
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

/** Whether each class has a column of weights and a bias of its own. */
export function canScalePerLabel(head: tfl.LayersModel): boolean {
  const last = head.layers.at(-1);
  return last?.getClassName() === 'Dense' && last.getWeights().length === 2;
}
