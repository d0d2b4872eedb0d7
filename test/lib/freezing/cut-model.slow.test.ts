import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { buildBackbone } from '../../../lib/backbones/build-backbone.ts';
import { loadBackbone } from '../../../lib/backbones/load-backbone.ts';
import { cutModel, stack } from '../../../lib/freezing/cut-model.ts';
import { resolveFreeze } from '../../../lib/freezing/resolve-freeze.ts';
import { buildHead } from '../../../lib/heads/build-head.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

/** Small members of families whose stages end in different ways. */
const backbones = [
  { name: 'efficientnet_lite0', inputSize: 32 },
  { name: 'mobilenet_v3_small', inputSize: 32 },
  { name: 'densenet121', inputSize: 32 },
  { name: 'resnet50', inputSize: 32 },
];

describe.each(backbones)('$name cut at every stage', ({ name, inputSize }) => {
  it('gives trunk and tail that together compute what the whole does', () => {
    const { model, cuts } = loadBackbone({ name, inputSize, weights: 'none', seed: 1 });
    const images = tf.randomUniform([1, inputSize, inputSize, 3], -1, 1, 'float32', 7);
    const whole = model.predict(images) as tf.Tensor;
    for (const { layer } of cuts.slice(0, -1)) {
      const { trunk, tail } = cutModel(model, layer);
      const parts = tail?.predict(trunk.predict(images) as tf.Tensor) as tf.Tensor;
      expect([...parts.dataSync()], layer).toEqual([...whole.dataSync()]);
    }
    expect(cutModel(model, cuts.at(-1)?.layer ?? '').tail).toBeUndefined();
    tf.dispose([images, whole]);
    model.dispose();
  });
});

describe('what a user wants frozen', () => {
  const backbone = { name: 'vgg16', inputSize: 32 };

  it.each([
    ['all', 'all' as const, 'block5_pool'],
    ['nothing', 'none' as const, undefined],
    ['through a stage', { through: 'block4' }, 'block4_pool'],
    ['through a layer', { through: 'block4_pool' }, 'block4_pool'],
    ['three stages', { stages: 3 }, 'block3_pool'],
    ['no stage', { stages: 0 }, undefined],
    ['a pattern', { layers: 'block[1-4]_.*' }, 'block4_pool'],
    ['a pattern with a gap', { layers: 'block[124]_.*' }, 'block2_pool'],
  ])('%s', (_, freeze, cut) => {
    expect(resolveFreeze(freeze, backbone).cut).toBe(cut);
  });

  it('keeps the layers of a pattern behind the cut frozen, too', () => {
    expect(resolveFreeze({ layers: 'block[124]_.*' }, backbone).layers).toContain('block4_conv1');
  });

  it.each([
    ['a layer that does not exist', { through: 'block9' }, 'CUT_UNKNOWN', /block1 \(block1_pool\)/],
    ['more stages than there are', { stages: 9 }, 'FREEZE_STAGES', /0 to 5/],
    ['a pattern that matches nothing', { layers: 'conv.*' }, 'FREEZE_PATTERN', /block5_pool/],
    ['a pattern that is none', { layers: '(' }, 'FREEZE_PATTERN', /regular expression/],
    ['a pattern with a look-ahead', { layers: '(?!block5).*' }, 'FREEZE_PATTERN_UNSUPPORTED', /look-ahead/],
  ])('refuses %s', (_, freeze, code, message) => {
    expect(() => resolveFreeze(freeze, backbone)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  it('refuses to cut where a connection leads around', () => {
    const { model } = buildBackbone({ name: 'resnet50', inputSize: 32 });
    expect(() => cutModel(model, 'conv2_block2_1_relu')).toThrow(expect.objectContaining({ code: 'CUT_BYPASSED' }));
    model.dispose();
  });

  it('puts a head behind a tail as one model', () => {
    const { model } = buildBackbone(backbone);
    const { tail } = cutModel(model, 'block4_pool');
    const head = buildHead('linear', tail?.outputShape.slice(1).map(Number) ?? [], { classes: 3, seed: 0 });
    const network = stack(tail, head);
    expect(network.inputs[0]?.shape).toEqual([null, 2, 2, 512]);
    expect(network.outputs[0]?.shape).toEqual([null, 3]);
    model.dispose();
  });
});
