import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { sum } from '../../../lib/arithmetic.ts';
import { loadBackbone } from '../../../lib/backbones/load-backbone.ts';
import { stageColumns } from '../../../lib/freezing/stage-columns.ts';
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

it.each(backbones)('of $name has as many columns as are counted without building it', ({ name }) => {
  const backbone = loadBackbone({ name, inputSize: 64, weights: 'none', seed: 1 });
  const { blocks } = stageVectors(backbone);
  const columnsOf = (areGrids: boolean) => sum(blocks.filter(({ isGrid }) => isGrid === areGrids).map(({ size }) => size));
  expect(stageColumns({ name, inputSize: 64 })).toEqual({ whole: columnsOf(false), quarters: columnsOf(true) });
  backbone.model.dispose();
});

describe('the quarters of maps', () => {
  it('come first, and their mean is that of the whole map where it has even sides', () => {
    const backbone = loadBackbone({ name: 'efficientnet_lite0', inputSize: 64, weights: 'none', seed: 1 });
    const images = tf.randomUniform([1, 64, 64, 3], -1, 1, 'float32', 7);
    const { model, blocks } = stageVectors(backbone);
    const values = valuesOf(model, images);
    const { size: grids } = sizeOf(blocks.filter(({ isGrid }) => isGrid));
    expect(blocks.findLastIndex(({ isGrid }) => isGrid)).toBeLessThan(blocks.findIndex(({ isGrid }) => !isGrid));
    expect(values).toHaveLength(grids + sizeOf(blocks.filter(({ isGrid }) => !isGrid)).size);
    for (const [index, { name, size }] of blocks.entries()) {
      if (!name.endsWith('-grid')) continue;
      const own = values.slice(sizeOf(blocks.slice(0, index)).size).slice(0, size);
      const place = blocks.findIndex((block) => block.name === name.replace('-grid', ''));
      const whole = values.slice(sizeOf(blocks.slice(0, place)).size).slice(0, size / 4);
      for (const [channel, mean] of whole.entries()) {
        const quarters = [0, 1, 2, 3].map((quarter) => own[(quarter * size) / 4 + channel] ?? 0);
        expect(quarters.reduce((a, b) => a + b) / 4, name).toBeCloseTo(mean, 4);
      }
    }
    tf.dispose(images);
    backbone.model.dispose();
  });

  it('are left out for large maps, for maps of one pixel, and for the top', () => {
    const gridsOf = (name: string, inputSize: number) => {
      const backbone = loadBackbone({ name, inputSize, weights: 'none', seed: 1 });
      const grids = stageVectors(backbone).blocks.filter(({ isGrid }) => isGrid);
      backbone.model.dispose();
      return grids.map(({ name: block, size }) => [block, size]);
    };
    // At 32, the maps of blocks 4 and 5 have two pixels along each side, and those of blocks 6 and 7 have one.
    expect(gridsOf('efficientnet_lite0', 32)).toEqual([
      ['block4-grid', 4 * 80],
      ['block5-grid', 4 * 112],
    ]);
    // The top has maps of 2 pixels along each side, the stage below of 4, and those before of 8 and 16.
    expect(gridsOf('resnet50', 64)).toEqual([['conv4-grid', 4 * 1024]]);
  });
});

function sizeOf(blocks: readonly { readonly size: number }[]): { readonly size: number } {
  return { size: blocks.reduce((columns, { size }) => columns + size, 0) };
}

function valuesOf(model: LayersModel, inputs: tf.Tensor): number[] {
  return tf.tidy(() => [...(model.predict(inputs) as tf.Tensor).dataSync()]);
}
