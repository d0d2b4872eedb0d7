import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { loadBackbone } from '../../../lib/backbones/load-backbone.ts';
import { mapFrom, stagesFrom, stagesUpTo, stageVectors } from '../../../lib/freezing/stage-vectors.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const backbones = [
  { name: 'efficientnet_lite0', inputSize: 32 },
  { name: 'mobilenet_v3_small', inputSize: 32 },
  { name: 'densenet121', inputSize: 32 },
  { name: 'vgg16', inputSize: 32 },
];

describe.each(backbones)('$name with a vector of all its stages', ({ name, inputSize }) => {
  it('gives the same vector and the same map from the features at any cut', () => {
    const backbone = loadBackbone({ name, inputSize, weights: 'none', seed: 1 });
    const images = tf.randomUniform([2, inputSize, inputSize, 3], -1, 1, 'float32', 7);
    const { model, blocks } = stageVectors(backbone);
    const whole = valuesOf(model, images);
    expect(whole).toHaveLength(2 * blocks.reduce((columns, { size }) => columns + size, 0));
    const map = valuesOf(backbone.model, images);
    for (const { layer } of backbone.cuts.slice(0, -1)) {
      const features = stagesUpTo(layer, backbone).model.predict(images) as tf.Tensor;
      expect(valuesOf(stagesFrom(layer, backbone), features), layer).toEqual(whole);
      expect(valuesOf(mapFrom(layer, backbone), features), layer).toEqual(map);
    }
    tf.dispose(images);
    backbone.model.dispose();
  });
});

function valuesOf(model: LayersModel, inputs: tf.Tensor): number[] {
  return tf.tidy(() => [...(model.predict(inputs) as tf.Tensor).dataSync()]);
}
