import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { HeadSpec } from '../../../lib/contracts/head-spec.ts';
import { buildHead } from '../../../lib/heads/build-head.ts';
import { type Pooling, splitPooling } from '../../../lib/heads/split-pooling.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const pool: Record<Pooling, (map: tf.Tensor4D) => tf.Tensor> = {
  flatten: (map) => tf.reshape(map, [2, -1]),
  globalAveragePool: (map) => tf.mean(map, [1, 2]),
  globalMaxPool: (map) => tf.max(map, [1, 2]),
};

describe('splitPooling', () => {
  const cases = [
    { spec: 'linear', pooling: 'globalAveragePool', rest: ['dropout', 'output'] },
    { spec: 'tutorial', pooling: 'flatten', rest: ['dense', 'dropout'] },
    {
      spec: [{ layer: 'globalMaxPool' }, { layer: 'flatten' }, { layer: 'dense', units: 4 }],
      pooling: 'globalMaxPool',
      rest: ['flatten', 'dense'],
    },
    { spec: [{ layer: 'globalAveragePool' }], pooling: 'globalAveragePool', rest: [] },
    {
      spec: [{ layer: 'batchNormalization' }, { layer: 'flatten' }],
      pooling: undefined,
      rest: ['batchNormalization', 'flatten'],
    },
    { spec: [], pooling: undefined, rest: [] },
  ];
  it.each(cases)('parts $spec into $pooling and $rest', ({ spec, pooling, rest }) => {
    const split = splitPooling(HeadSpec.parse(spec));
    expect({ pooling: split.pooling, rest: split.head.map(({ layer }) => layer) }).toEqual({ pooling, rest });
  });

  it.each(cases.filter(({ pooling }) => pooling !== undefined))('changes no bit of what $spec computes', ({ spec }) => {
    const whole = HeadSpec.parse(spec);
    const { pooling, head } = splitPooling(whole);
    const map = tf.randomNormal([2, 3, 3, 5], 0, 1, 'float32', 1) as tf.Tensor4D;
    const features = pool[pooling!](map);
    const options = { classes: 3, seed: 6 };
    const [atOnce, inTwo] = [buildHead(whole, [3, 3, 5], options), buildHead(head, features.shape.slice(1), options)];
    const [expected, received] = [atOnce.predict(map) as tf.Tensor, inTwo.predict(features) as tf.Tensor];
    expect([...received.dataSync()]).toEqual([...expected.dataSync()]);
    tf.dispose([map, features, expected, received]);
    atOnce.dispose();
    inTwo.dispose();
  });
});
