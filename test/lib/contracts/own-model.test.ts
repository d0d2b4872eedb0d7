import { expect, test } from 'vitest';
import { BackboneSpec } from '../../../lib/contracts/job-spec.ts';

const sha256 = 'a'.repeat(64);

test.each([
  ['only its content', { sha256 }],
  [
    'all of it',
    {
      sha256,
      output: 'y',
      mean: [0, 0, 0],
      std: [1, 1, 1],
      channels: 'bgr',
      layout: 'NHWC',
      pooling: 'class-token',
      licence: 'MIT',
    },
  ],
])('an own model may say %s', (_, own) => {
  expect(BackboneSpec.parse({ name: 'own', inputSize: 224, own })).toEqual({ name: 'own', inputSize: 224, own });
});

test.each([
  ['an own model under another name', { name: 'vgg16', own: { sha256 } }, 'expected together with the name'],
  ['the name without a model', { name: 'own' }, 'expected together with the name'],
  ['weights beside it', { name: 'own', own: { sha256 }, weights: 'none' }, 'without alpha and weights'],
  ['a width beside it', { name: 'own', own: { sha256 }, alpha: 1 }, 'without alpha and weights'],
  ['a content that is no hash', { name: 'own', own: { sha256: '../secrets' } }, '64 hexadecimal digits'],
  ['half of a normalization', { name: 'own', own: { sha256, mean: [0, 0, 0] } }, 'mean and std together'],
  ['a division by zero', { name: 'own', own: { sha256, mean: [0, 0, 0], std: [1, 0, 1] } }, '>0'],
  ['an unknown key', { name: 'own', own: { sha256, path: '/' } }, 'path'],
])('%s is refused', (_, spec, message) => {
  expect(BackboneSpec.safeParse(spec).error?.message).toContain(message);
});
