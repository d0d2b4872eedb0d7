import { describe, expect, it } from 'vitest';
import type { Cut } from '../../../lib/backbones/build-backbone.ts';
import { buildBackbone } from '../../../lib/backbones/build-backbone.ts';
import { cutModel } from '../../../lib/freezing/cut-model.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

describe('the feature map', () => {
  // As Keras 3.15 has it.
  it.each([
    { name: 'vgg16', inputSize: [32, 47], map: [1, 1, 512] },
    { name: 'vgg19', inputSize: [97, 66], map: [3, 2, 512] },
    { name: 'resnet50', inputSize: [32, 33], map: [1, 2, 2048] },
    { name: 'resnet50', inputSize: [97, 66], map: [4, 3, 2048] },
    { name: 'resnet50_v2', inputSize: [67, 50], map: [3, 2, 2048] },
    { name: 'resnet101_v2', inputSize: [61, 86], map: [2, 3, 2048] },
    { name: 'inception_v3', inputSize: [75, 110], map: [1, 2, 2048] },
    { name: 'inception_v3', inputSize: [133, 87], map: [2, 1, 2048] },
    { name: 'inception_resnet_v2', inputSize: [75, 110], map: [1, 2, 1536] },
    { name: 'xception', inputSize: [86, 111], map: [3, 4, 2048] },
    { name: 'densenet121', inputSize: [32, 35], map: [1, 1, 1024] },
    { name: 'densenet201', inputSize: [77, 58], map: [2, 1, 1920] },
    { name: 'nasnet_mobile', inputSize: [32, 33], map: [1, 1, 1056] },
    { name: 'nasnet_mobile', inputSize: [83, 50], map: [3, 2, 1056] },
    { name: 'convnext_tiny', inputSize: [71, 50], map: [2, 1, 768] },
  ] as const)('of $name at $inputSize pixels is $map', ({ name, inputSize, map }) => {
    const { model } = buildBackbone({ name, inputSize });
    expect(model.outputs[0]?.shape).toEqual([null, ...map]);
    model.dispose();
  });
});

describe('the cuts', () => {
  it.each([
    'efficientnet_b0',
    'efficientnet_v2_b0',
    'mobilenet',
    'mobilenet_v2',
    'mobilenet_v3_small',
    'vgg16',
    'resnet50',
    'resnet50_v2',
    'inception_v3',
    'inception_resnet_v2',
    'xception',
    'densenet121',
    'nasnet_mobile',
    'convnext_tiny',
  ])('of %s are places that no connection bypasses, each with the stride and the channels of its map', (name) => {
    const { model, cuts } = buildBackbone({ name, inputSize: 96 });
    for (const { layer, channels } of cuts) {
      const { trunk } = cutModel(model, layer);
      expect(trunk.outputs[0]?.shape.at(-1)).toBe(channels);
    }
    expect(strides(cuts)).toEqual(strides(cuts).toSorted((a, b) => a - b));
    model.dispose();
  });

  it.each<{ name: string; expected: string[] }>([
    { name: 'vgg16', expected: ['block1_pool 2', 'block2_pool 4', 'block3_pool 8', 'block4_pool 16', 'block5_pool 32'] },
    {
      name: 'resnet50',
      expected: ['pool1_pool 4', 'conv2_block3_out 4', 'conv3_block4_out 8', 'conv4_block6_out 16', 'conv5_block3_out 32'],
    },
    {
      name: 'resnet50_v2',
      expected: [
        'pool1_pool 4',
        'conv2_block3_out 8',
        'conv3_block4_out 16',
        'conv4_block6_out 32',
        'conv5_block3_out 32',
        'post_relu 32',
      ],
    },
    {
      name: 'inception_resnet_v2',
      expected: [
        'max_pooling2d_1 8',
        'mixed_5b 8',
        'block35_10_ac 8',
        'mixed_6a 16',
        'block17_20_ac 16',
        'mixed_7a 32',
        'custom_scale_layer_39 32',
        'conv_7b_ac 32',
      ],
    },
    { name: 'densenet121', expected: ['pool1 4', 'pool2_pool 8', 'pool3_pool 16', 'pool4_pool 32', 'relu 32'] },
    { name: 'nasnet_mobile', expected: ['stem_bn1 2', 'activation_187 32'] },
    { name: 'convnext_tiny', expected: ['convnext_tiny_stem_layernorm 4', 'add_2 4', 'add_5 8', 'add_14 16', 'add_17 32'] },
  ])('of $name are $expected', ({ name, expected }) => {
    const { model, cuts } = buildBackbone({ name, inputSize: 75 });
    expect(cuts.map(({ layer, stride }) => `${layer} ${stride}`)).toEqual(expected);
    model.dispose();
  });
});

function strides(cuts: readonly Cut[]): number[] {
  return cuts.map(({ stride }) => stride);
}
