import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { apply } from '../../../lib/backbones/layers/functional.ts';
import { stageMaps } from '../../../lib/freezing/stage-maps.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

it('lists quarters of maps of up to 1,024 channels', () => {
  const images = tfl.input({ shape: [32, 32, 1] });
  const channels = { narrow: 1024, wide: 1025, top: 2 };
  const convolve = (x: tfl.SymbolicTensor, name: keyof typeof channels, strides: number) =>
    apply(tfl.layers.conv2d({ name, filters: channels[name], kernelSize: 1, strides, kernelInitializer: 'zeros' }), x);
  const top = convolve(convolve(convolve(images, 'narrow', 16), 'wide', 1), 'top', 1);
  const cuts = Object.entries(channels).map(([name, count]) => ({
    name,
    layer: name,
    channels: count,
    stride: 16,
    height: 2,
    width: 2,
  }));
  const maps = stageMaps({ model: tfl.model({ inputs: images, outputs: top }), cuts });
  expect(maps.map(({ name, pooling }) => [name, pooling])).toEqual([
    ['narrow-grid', 'grid'],
    ['narrow', 'average'],
    ['wide', 'average'],
    ['top', 'average'],
    ['top-max', 'max'],
  ]);
});
