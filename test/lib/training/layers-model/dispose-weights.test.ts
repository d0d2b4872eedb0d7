import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { cutModel } from '../../../../lib/freezing/cut-model.ts';
import { disposeWeights } from '../../../../lib/training/layers-model/dispose-weights.ts';
import { useTensorFlow } from '../../../support/tensorflow.ts';

useTensorFlow();

function threeLayers(): tfl.LayersModel {
  const dense = (name: string) => tfl.layers.dense({ name, units: 3 });
  return tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: [3] }), dense('a'), dense('b'), dense('c')] });
}

test('the weights of a model go, but not those of layers that another model keeps', () => {
  const before = tf.memory().numTensors;
  const whole = threeLayers();
  const { tail } = cutModel(whole, 'a');
  const input = tf.ones([2, 3]);
  const expected = tf.tidy(() => [...(tail!.predict(input) as tf.Tensor).dataSync()]);
  disposeWeights(whole, tail);
  expect(tf.memory().numTensors - before).toBe(4 + 1);
  expect(tf.tidy(() => [...(tail!.predict(input) as tf.Tensor).dataSync()])).toEqual(expected);
  // Nested models count, too.
  const features = tfl.input({ shape: [3] });
  disposeWeights(tfl.model({ inputs: features, outputs: tail!.apply(features) as tfl.SymbolicTensor }));
  input.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
