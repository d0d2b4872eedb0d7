import { describe, expect, test } from 'vitest';
import { imagenetBackbone, imagenetModelName, parseReference, referencedName } from '../../../lib/contracts/reference.ts';

describe('a reference has a name, and a version or an alias', () => {
  test.each([
    ['flowers', { name: 'flowers' }],
    ['flowers@3', { name: 'flowers', version: '3' }],
    ['flowers:prod', { name: 'flowers', alias: 'prod' }],
    ['flowers@sha256-0123abcd', { name: 'flowers', version: 'sha256-0123abcd' }],
    ['imagenet.vgg16@1', { name: 'imagenet.vgg16', version: '1' }],
  ])('%s', (text, parts) => {
    expect(parseReference(text)).toEqual(parts);
    expect(referencedName(text)).toBe(parts.name);
  });

  test.each(['', '@3', ':prod', 'flowers@', 'flowers:', 'flowers@3:prod', 'flowers:a:b', 'a/b', './flowers@3'])(
    '"%s" is none, and taken as a name',
    (text) => {
      expect(parseReference(text)).toBeUndefined();
      expect(referencedName(text)).toBe(text);
    },
  );
});

test('imagenet.NAME is the model of a backbone with its own ImageNet top', () => {
  expect(imagenetBackbone(imagenetModelName('vgg16'))).toBe('vgg16');
  expect(imagenetBackbone('flowers')).toBeUndefined();
});
