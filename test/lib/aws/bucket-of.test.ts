import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketOf, bucketsOf } from '../../../lib/aws/bucket-of.ts';

const buckets = { data: 'data', models: 'models' };

test.each([
  ['jobs/a.json', 'data'],
  ['blobs/00/00', 'data'],
  ['manifests/sha256-0.jsonl', 'data'],
  ['models/a/b/model.onnx', 'models'],
  ['registry/a.json', 'models'],
  ['trunks/a.onnx', 'models'],
  ['weights/a', 'models'],
  ['own-models/a', 'models'],
  ['imagenet/vgg16/card.json', 'models'],
  ['modelsy/a', 'data'],
])('%s lies in the bucket of %s', (key, bucket) => {
  expect(bucketOf(key, buckets)).toBe(bucket);
});

test('a listing asks each bucket that may hold such a key', () => {
  const key = fc
    .tuple(fc.constantFrom('jobs', 'models', 'manifests', 'registry', 'own-models', 'm'), fc.string())
    .map((parts) => parts.join('/'));
  fc.assert(
    fc.property(key, fc.nat(), (text, length) => {
      expect(bucketsOf(text.slice(0, length), buckets)).toContain(bucketOf(text, buckets));
    }),
  );
});

test('a listing of one kind of object asks one bucket', () => {
  expect(bucketsOf('jobs/', buckets)).toEqual(['data']);
  expect(bucketsOf('models/', buckets)).toEqual(['models']);
  expect(bucketsOf('m', buckets)).toEqual(['data', 'models']);
});
