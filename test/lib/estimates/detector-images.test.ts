import { expect, test } from 'vitest';
import { mostImages } from '../../../lib/estimates/detector-images.ts';

test.each([
  { bytes: 1000, rate: 0.05, count: 600 },
  { bytes: 2 ** 21, rate: 0.05, count: 128 },
  { bytes: 2 ** 25, rate: 0.05, count: 20 },
  { bytes: 2 ** 25, rate: 0.01, count: 99 },
  { bytes: 1000, rate: 0.001, count: 999 },
])('a detector with maps of $bytes bytes and a rate of $rate is fitted to $count images at most', ({ bytes, rate, count }) => {
  expect(mostImages(bytes, rate)).toBe(count);
});
