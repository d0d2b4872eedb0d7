import { expect, test } from 'vitest';
import { formatS3Address, isS3Address, parseS3Address, S3Address, S3Uri } from '../../../lib/contracts/object-address.ts';

test.each([
  ['s3://photos/june/1 %41.jpg', { bucket: 'photos', key: 'june/1 %41.jpg' }],
  ['s3://photos/', { bucket: 'photos', key: '' }],
  ['s3://photos//a', { bucket: 'photos', key: '/a' }],
  ['s3://photos/a\nb', { bucket: 'photos', key: 'a\nb' }],
])('%j is read to the letter, and written back the same', (text, location) => {
  expect(parseS3Address(text)).toEqual(location);
  expect(formatS3Address(location)).toBe(text);
});

test('a bucket alone is the bucket with an empty key', () => {
  expect(parseS3Address('s3://photos')).toEqual({ bucket: 'photos', key: '' });
});

test.each(['photos/june', 'https://photos/june', 's3:/photos', 's3://', 's3:///june'])('%s has no bucket', (text) => {
  expect(parseS3Address(text)).toBeUndefined();
});

test.each([
  ['s3://photos/june/', true, true],
  ['s3://photos', true, false],
  ['s3://photos/', true, false],
  ['s3://Photos/june', false, false],
  ['s3://ph/june', false, false],
  ['s3:///june', false, false],
])('%s as a prefix: %s, as an object: %s', (text, isPrefix, isObject) => {
  expect(isS3Address(text)).toBe(true);
  expect([S3Address.safeParse(text).success, S3Uri.safeParse(text).success]).toEqual([isPrefix, isObject]);
});
