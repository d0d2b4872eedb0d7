import { expect, test } from 'vitest';
import { describeWaits } from '../../../cli/describe/describe-waits.ts';

const seconds = { features: 20, train: 3, evaluate: 1, total: 30 };

test('waits are shares of the time of the features', () => {
  const features = { cached: 0, decoded: 60, waits: { decode: 1, trunk: 18.4, write: 0.2 } };
  expect(describeWaits({ seconds, features })).toBe('92% of the time in the trunk, 5% waiting for decoded images, 1% writing');
});

test.each([
  ['were cached', { cached: 60, decoded: 0 }],
  ['took no time', { cached: 0, decoded: 1, waits: { decode: 0, trunk: 0, write: 0 } }],
])('features that %s have no shares', (_, features) => {
  expect(describeWaits({ seconds: { ...seconds, features: 0 }, features })).toBeUndefined();
});
