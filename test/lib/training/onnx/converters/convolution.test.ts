import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { categoricalCrossEntropy } from '../../../../../lib/training/losses/loss.ts';
import { writeNetwork } from '../../../../../lib/training/onnx/network-graph.ts';
import { useTensorFlow } from '../../../../support/tensorflow.ts';
import { apply } from '../../../onnx/same-as-tensorflow.ts';

useTensorFlow();

type Settings = Parameters<typeof tfl.layers.conv2d>[0];

/** The operators of a network with one convolution. */
function operatorsOf(inputShape: number[], filters: number, settings: Partial<Settings> = {}): string[] {
  const inputs = tfl.input({ shape: inputShape });
  const map = apply(tfl.layers.conv2d({ filters, kernelSize: 3, padding: 'same', ...settings }), inputs);
  const outputs = apply(tfl.layers.globalAveragePooling2d({}), map);
  const { graph } = writeNetwork(tfl.model({ inputs, outputs }), categoricalCrossEntropy());
  return graph.written.node.map(({ opType }) => opType);
}

describe('convolutions by matrices', () => {
  it.each<[string, number[], number, Partial<Settings>?]>([
    ['one pixel on a small map', [14, 14, 8], 4, { kernelSize: 1 }],
    ['one tile', [4, 4, 32], 32],
    ['four tiles and many channels', [7, 7, 256], 256],
    ['sixteen tiles and more channels', [14, 14, 512], 512],
    ['four tiles, of which one is full', [7, 5, 256], 256],
    ['many tiles', [56, 56, 256], 256],
    ['a part of a tile', [4, 3, 64], 64],
    ['a map without padding', [6, 6, 64], 64, { padding: 'valid' }],
  ])('replace a convolution of %s', (_, inputShape, filters, settings) => {
    expect(operatorsOf(inputShape, filters, settings)).not.toContain('Conv');
  });

  it.each<[string, number[], number, Partial<Settings>?]>([
    ['one pixel on a larger map', [28, 28, 8], 4, { kernelSize: 1 }],
    ['one pixel with strides', [14, 14, 8], 4, { kernelSize: 1, strides: 2 }],
    ['few channels', [4, 4, 3], 8],
    ['a map too large for its channels', [56, 56, 64], 64],
    ['one pixel, which wastes all other positions of its tile', [1, 1, 512], 512],
    ['strides', [8, 8, 256], 256, { strides: 2 }],
    ['dilations', [8, 8, 256], 256, { dilationRate: 2 }],
    ['another kernel', [4, 4, 256], 256, { kernelSize: 5 }],
    ['one row of a kernel', [4, 4, 256], 256, { kernelSize: [1, 3] }],
  ])('leave a convolution of %s', (_, inputShape, filters, settings) => {
    expect(operatorsOf(inputShape, filters, settings)).toContain('Conv');
  });
});
