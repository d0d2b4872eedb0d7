import { expect, test } from 'vitest';
import { describeTime, estimatedCost, estimatedTime } from '../../../cli/describe/describe-estimate.ts';
import type { JobEstimate } from '../../../lib/contracts/compute.ts';

test.each([
  [{ low: 40.6, expected: 61, upper: 119 }, 'between 40 s and 2 min, probably about 61 s'],
  [{ low: 0.3, expected: 4.44, upper: 9.91 }, 'between 0.3 s and 10 s, probably about 4.4 s'],
  [{ low: 100, expected: 1000, upper: 10_000 }, 'between 1.6 min and 2.8 h, probably about 17 min'],
  [{ low: 60, expected: 60, upper: 60 }, 'about 60 s'],
])('%j is %s', (range, words) => {
  expect(estimatedTime(range)).toBe(words);
});

const estimate: JobEstimate = { target: 'local', seconds: 60, parts: [], reason: '' };

test.each<[Partial<JobEstimate>, string]>([
  [{}, 'nothing'],
  [{ dollars: 0.052 }, 'about $0.05'],
  [{ dollars: 0.2, dollarsRange: { low: 0.004, expected: 0.1, upper: 0.2 } }, 'between $0.0040 and $0.20'],
  [{ dollars: 0.2, spotDollars: 0.1 }, 'about $0.20; on Spot up to $0.10'],
])('%j costs %s', (more, words) => {
  expect(estimatedCost({ ...estimate, ...more })).toBe(words);
});

test.each([
  [undefined, ''],
  [1, ' (the features of all images are cached)'],
  [0.9999, ' (the features of 99% of the images are cached)'],
])('an estimated time with a share %d of cached features says so', (cachedFeatures, ending) => {
  const range = { low: 1, expected: 4, upper: 9 };
  const estimate = { target: 'local', seconds: 9, range, parts: [], reason: 'this machine' } as const;
  const words = describeTime({ ...estimate, parts: [], ...(cachedFeatures !== undefined && { cachedFeatures }) });
  expect(words).toBe(`between 1 s and 9 s, probably about 4 s${ending}`);
});
