import { describe, expect, test } from 'vitest';
import type { JobEstimate } from '../../../lib/contracts/compute.ts';
import { costShares, functionSecondsOf } from '../../../lib/estimates/cost-shares.ts';
import { functionDollarsPerSecond } from '../../../lib/estimates/function-price.ts';
import { runLimit } from '../../../lib/estimates/limits.ts';

const estimate: JobEstimate = {
  target: 'gpu',
  functions: 40,
  seconds: 2000,
  dollars: 3,
  dollarsPerHour: 0.8,
  parts: [
    { part: 'features', seconds: 900, dollars: 0.2 },
    { part: 'extraction', seconds: 300, dollars: 2 },
    { part: 'train', seconds: 800, dollars: 0.8 },
  ],
  reason: 'many images',
};

describe('a limit of cost', () => {
  test.each([
    [3, 2, 1],
    [5, 3, 2],
    [2.5, 2, 0.5],
    [1, 1, 0],
  ])('of %d dollars gives the functions %d and the training %d', (maxCost, extraction, training) => {
    expect(costShares({ maxCost }, estimate)).toEqual({ extraction, training });
    expect(functionSecondsOf({ maxCost }, estimate)).toBeCloseTo(extraction / functionDollarsPerSecond);
    expect(runLimit({ target: 'auto', maxCost }, estimate)?.seconds).toBeCloseTo((training / 0.8) * 3600);
  });

  test('leaves a machine that extracts itself all that functions have not used in vain', () => {
    const spent = 1.5 / functionDollarsPerSecond;
    expect(runLimit({ target: 'auto', maxCost: 4 }, estimate, { extractionSeconds: spent })?.seconds).toBeCloseTo(
      (2.5 / 0.8) * 3600,
    );
    expect(runLimit({ target: 'auto', maxCost: 1 }, estimate, { extractionSeconds: spent })?.seconds).toBe(0);
    expect(runLimit({ target: 'auto' }, estimate, { extractionSeconds: spent })).toBeUndefined();
  });

  test('pays for requests, and for each start of a machine', () => {
    const costs = [
      { part: 'start' as const, seconds: 240, dollars: 0.05 },
      { part: 'requests' as const, seconds: 0, dollars: 0.4 },
    ];
    const priced = { ...estimate, parts: [...estimate.parts, ...costs] };
    const seconds = (starts: number) => runLimit({ target: 'auto', maxCost: 5 }, priced, { starts })?.seconds;
    expect(seconds(1)).toBeCloseTo(((2 - 0.4 - 0.05) / 0.8) * 3600);
    expect(seconds(3)).toBeCloseTo(((2 - 0.4 - 0.15) / 0.8) * 3600);
    expect(seconds(100)).toBe(0);
  });

  test('is that of the training alone, if no functions extract', () => {
    const { functions: _, ...alone } = estimate;
    expect(costShares({ maxCost: 4 }, alone)).toBeUndefined();
    expect(runLimit({ target: 'auto', maxCost: 4 }, alone)?.seconds).toBeCloseTo((4 / 0.8) * 3600);
    expect(costShares({}, estimate)).toBeUndefined();
  });
});
