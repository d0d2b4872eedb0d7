import { describe, expect, test } from 'vitest';
import type { JobEstimate } from '../../../lib/contracts/compute.ts';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { countMachines, machinesOf, spreadExtraction } from '../../../lib/estimates/spread-extraction.ts';
import { attemptLost, claimed, leaseRenewed, submitted } from '../../../lib/jobs/life-cycle.ts';

const HOUR = 3600;

test.each([
  [0, 0, 1],
  [1_000_000, 1_000, 1],
  [100, 20 * HOUR, 1],
  [200_000, HOUR, 2],
  [200_000, 4 * HOUR, 8],
  [30_000, 4 * HOUR, 3],
  [50_000_000, 1_000 * HOUR, 100],
])('%i images that take %i s on one machine are spread over %i', (images, seconds, machines) => {
  expect(countMachines(images, seconds)).toBe(machines);
});

test.each([
  [4, 4],
  [60, 20],
  [500, 20],
  [1, 1],
])('with at most %i machines at once, the work of 20 is spread over %i', (most, machines) => {
  expect(countMachines(1_000_000, 10 * HOUR, most)).toBe(machines);
});

function spec(more: Partial<JobSpecInput> = {}): JobSpec {
  return JobSpec.parse({ name: 'flowers', dataset: 'flowers', ...more });
}

const estimate: JobEstimate = {
  target: 'gpu',
  instance: 'g6.xlarge',
  seconds: 4 * HOUR + 540,
  dollars: 3.6,
  spotDollars: 1.6,
  dollarsPerHour: 0.8,
  parts: [
    { part: 'start', seconds: 240, dollars: 0.05 },
    { part: 'features', seconds: 4 * HOUR, dollars: 3.2 },
    { part: 'train', seconds: 300, dollars: 0.07 },
  ],
  reason: 'more than a Lambda function does well within its time, memory or disk',
};

describe('an estimate', () => {
  test('says over how many machines it is spread, how much sooner it is done, and what their starts cost', () => {
    const spread = spreadExtraction(spec({ strategy: 'feature-extraction' }), 100_000, estimate);
    expect(spread).toMatchObject({
      machines: 8,
      seconds: 2 * 240 + HOUR / 2 + 300,
      reason: expect.stringContaining('8 machines'),
    });
    expect(spread.dollars).toBeCloseTo(3.6 + (8 * 240 * 0.8) / HOUR);
    expect(spread.parts.reduce((sum, { seconds }) => sum + seconds, 0)).toBe(spread.seconds);
    expect(spread.spotDollars).toBeGreaterThan(1.6);
  });

  test.each<[string, Partial<JobSpecInput>]>([
    ['auto', {}],
    ['feature-extraction', { strategy: 'feature-extraction' }],
    ['all frozen by name', { freeze: 'all' }],
  ])('is spread for %s', (_, more) => {
    expect(spreadExtraction(spec(more), 100_000, estimate).machines).toBe(8);
  });

  test('is spread over no more machines than may run at once', () => {
    expect(spreadExtraction(spec(), 100_000, estimate, { machines: 3 })).toMatchObject({
      machines: 3,
      seconds: 2 * 240 + (4 * HOUR) / 3 + 300,
    });
    expect(spreadExtraction(spec(), 100_000, estimate, { machines: 1 })).toBe(estimate);
  });

  test.each<[string, Partial<JobSpecInput>, number, Partial<JobEstimate>]>([
    ['few images', {}, 10_000, {}],
    [
      'work of minutes',
      {},
      100_000,
      {
        parts: [
          { part: 'start', seconds: 240 },
          { part: 'features', seconds: 900 },
        ],
      },
    ],
    ['another compute than AWS Batch', {}, 100_000, { target: 'lambda' }],
    ['features of an earlier stage', { strategy: 'earlier-features' }, 100_000, {}],
    ['layers that train', { strategy: 'fine-tune-all' }, 100_000, {}],
    ['a cut of its own', { freeze: { stages: 2 } }, 100_000, {}],
    ['augmented images', { training: { augment: 'light' } }, 100_000, {}],
    ['a limit of cost, which counts one machine', { compute: { maxCost: 9 } }, 100_000, {}],
    ['a limit of time, which counts one machine', { compute: { maxMinutes: 900 } }, 100_000, {}],
  ])('stays on one machine for %s', (_, more, images, changes) => {
    const one = { ...estimate, ...changes };
    expect(spreadExtraction(spec(more), images, one)).toBe(one);
  });
});

test('an attempt begins with the machines until a worker has trained, which means that all features are there', () => {
  const now = new Date('2026-01-01');
  const job = submitted('job-zzk2m4q1x-8w3f0c9d1a', { spec: spec(), estimate: { ...estimate, machines: 8 } }, now);
  const first = claimed(job, now) ?? expect.fail();
  expect(machinesOf(first)).toBe(8);
  const lost = attemptLost(first, 1, { code: 'WORKER_LOST', message: 'Dependent Job failed' }, now);
  const second = claimed(lost, now) ?? expect.fail();
  expect(machinesOf(second)).toBe(8);
  const third = claimed(attemptLost(leaseRenewed(second, 2, now), 2, { code: 'WORKER_LOST', message: 'gone' }, now), now);
  expect(third && machinesOf(third)).toBeUndefined();
  expect(machinesOf({ ...first, kind: 'evaluate' } as never)).toBeUndefined();
});

/** 116 images per second and function at the expected speed, which the upper end divides by 1.6. */
const secondsOf = (images: number) => (images / 116) * 1.6;

describe('with functions', () => {
  const functions = { most: 40, seconds: secondsOf(300_000) };
  const priced: JobEstimate = {
    ...estimate,
    range: { low: 600, expected: 3 * HOUR, upper: estimate.seconds },
    dollarsRange: { low: 0.2, expected: 2.4, upper: 3.6 },
    parts: [...estimate.parts, { part: 'requests', seconds: 0, dollars: 0.1 }],
  };

  test('an estimate says how many extract, when they are done, what they cost, and what the other way would take', () => {
    const spread = spreadExtraction(spec(), 300_000, priced, { machines: 4, functions });
    expect(spread.functions).toBe(40);
    expect(spread.machines).toBeUndefined();
    expect(spread.reason).toMatch(
      /40 Lambda functions extract.*; 40 functions: [\d.]+ min and \$[\d.]+ at most, against 4 machines: 7\d min/,
    );
    expect(spread.seconds).toBeLessThan(240 + 300 + 10 + 7.5 + 10 + 4 + functions.seconds / 40 + 1);
    expect(spread.parts.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(spread.seconds);
    expect(spread.parts.reduce((sum, { dollars = 0 }) => sum + dollars, 0)).toBeCloseTo((spread.dollars ?? 0) - 0.18, 1);
    expect(spread.range?.upper).toBe(spread.seconds);
    expect(spread.dollarsRange?.upper).toBe(spread.dollars);
    expect(spread.dollarsRange?.expected).toBeGreaterThanOrEqual(0.2);
  });

  test.each<[string, Partial<JobSpecInput>, number, JobEstimate]>([
    ['a job in one function', {}, 300_000, { ...priced, target: 'lambda' }],
    ['a limit of cost that allows it', { compute: { maxCost: 9 } }, 300_000, priced],
  ])('%s spreads over them', (_, more, images, one) => {
    expect(spreadExtraction(spec(more), images, one, { functions }).functions).toBe(40);
  });

  test.each<[string, Partial<JobSpecInput>, JobEstimate, number]>([
    ['a limit of cost below it', { compute: { maxCost: 0.5 } }, priced, functions.seconds],
    ['a limit of time', { compute: { maxMinutes: 900 } }, priced, functions.seconds],
    ['the target gpu', { compute: { target: 'gpu' } }, priced, functions.seconds],
    ['this machine', {}, { ...priced, target: 'local' }, functions.seconds],
    ['layers that train', { strategy: 'fine-tune-all' }, priced, functions.seconds],
    ['functions that cost more than twice as much', {}, priced, 12 * functions.seconds],
  ])('%s uses none', (_, more, one, seconds) => {
    const chosen = spreadExtraction(spec(more), 300_000, one, { machines: 1, functions: { most: 40, seconds } });
    expect(chosen.functions).toBeUndefined();
  });

  test('what only the training can do stays on its machine, at its cost', () => {
    const spread = spreadExtraction(spec(), 300_000, priced, { machines: 1, functions, firstPass: HOUR });
    const all = spreadExtraction(spec(), 300_000, priced, { machines: 1, functions });
    expect(spread.functions).toBe(40);
    expect(spread.seconds).toBeCloseTo(all.seconds + 3 * HOUR);
    expect(spread.dollars).toBeCloseTo((all.dollars ?? 0) + 3 * 0.8);
    expect(partOf(spread, 'features')).toMatchObject({ seconds: 3 * HOUR, dollars: expect.closeTo(3 * 0.8) });
    expect(partOf(spread, 'extraction')).toEqual(partOf(all, 'extraction'));
  });

  test('each plan ends sooner by as much as the whole job', () => {
    const { plans = [], range, seconds } = spreadExtraction(spec(), 300_000, withPlans, { machines: 1, functions });
    expect(plans.map(({ upper }) => upper)).toEqual([range?.upper, expect.closeTo(seconds - 60)]);
    expect(plans[0]?.expected).toBeLessThan(HOUR);
  });
});

test('with machines, too, each plan ends sooner by as much as the whole job, and a part of the features may stay', () => {
  const { plans = [], seconds } = spreadExtraction(spec(), 300_000, withPlans, { machines: 8 });
  expect(plans.map(({ upper }) => upper)).toEqual([seconds, seconds - 60]);
  const part = spreadExtraction(spec(), 300_000, withPlans, { machines: 2, firstPass: 2 * HOUR });
  expect(part).toMatchObject({ machines: 2, seconds: estimate.seconds - HOUR + 240 });
});

const uppers = { low: 600, expected: 3 * HOUR, upper: estimate.seconds };
const withPlans: JobEstimate = {
  ...estimate,
  range: uppers,
  plans: [
    { strategy: 'fine-tune-top', runtime: 'gpu', ...uppers },
    { strategy: 'feature-extraction', runtime: 'gpu', ...uppers, upper: estimate.seconds - 60 },
  ],
};

const partOf = ({ parts }: JobEstimate, name: string) => parts.find(({ part }) => part === name);
