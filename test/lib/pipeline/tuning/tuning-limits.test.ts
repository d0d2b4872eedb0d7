import { describe, expect, test } from 'vitest';
import type { JobEstimate } from '../../../../lib/contracts/compute.ts';
import type { JobRecord } from '../../../../lib/contracts/job.ts';
import { JobSpec } from '../../../../lib/contracts/job-spec.ts';
import { type TrainingContext, withSpec } from '../../../../lib/pipeline/training-context.ts';
import {
  budgetExceededBy,
  foldsWithinBudget,
  foldsWithinLimit,
  limitForEpoch,
  variantsWithinLimits,
} from '../../../../lib/pipeline/tuning/tuning-limits.ts';
import { manualClock } from '../../../support/manual-clock.ts';

const needed = { training: 600, epochs: 10, epoch: 60, retraining: 0, crossValidation: 240, reserve: 10 };
const at = '2030-01-01T00:00:00.000Z';
const estimate: JobEstimate = {
  target: 'gpu',
  seconds: 3600,
  plans: [{ strategy: 'stage-features', runtime: 'gpu', low: 1, expected: 2, upper: 3 }],
  dollarsPerHour: 6,
  parts: [],
  reason: 'as asked',
};

function jobWith(compute: { maxMinutes?: number; maxCost?: number }): JobRecord {
  const spec = JobSpec.parse({ name: 'cards', dataset: 'cards', compute, fineTuning: { budgetMinutes: 20 } });
  return { id: 'job-1', state: 'RUNNING', spec, estimate, createdAt: at, updatedAt: at, attempt: 1 };
}

/** @param left seconds until the job's limit; default: none */
function contextWith(compute: { maxMinutes?: number; maxCost?: number }, left = 0): TrainingContext {
  const context: unknown = { job: jobWith(compute), world: { clock: manualClock() }, jobContext: { secondsLeft: () => left } };
  return context as TrainingContext;
}

describe('a fine-tuning beyond its budget', () => {
  test.each([
    [0, undefined],
    [600, 'it would take 14 minutes here after 10 minutes of fine-tuning, more than fineTuning.budgetMinutes (20) allows'],
  ])('after %d seconds of fine-tuning', (spent, why) => {
    expect(budgetExceededBy(needed, spent, contextWith({}))).toBe(why);
  });

  test('names no time before if there was none', () => {
    expect(budgetExceededBy({ ...needed, training: 1440 }, 0, contextWith({}))).toBe(
      'it would take 28 minutes here, more than fineTuning.budgetMinutes (20) allows',
    );
  });
});

test.each([
  [{ maxMinutes: 30 }, 'compute.maxMinutes (30)'],
  [{ maxCost: 1 }, 'compute.maxCost'],
  [{ maxMinutes: 30, maxCost: 1 }, 'compute.maxCost'],
  [{ maxMinutes: 5, maxCost: 1 }, 'compute.maxMinutes (5)'],
])('a job with %j has no time for an epoch because of %s', (compute, limit) => {
  expect(limitForEpoch(needed, 0, contextWith(compute))).toBe(limit);
});

describe('the folds that there is time for', () => {
  const timed = { ...needed, training: 300, crossValidation: 0, retraining: 100 };

  test.each([
    { left: 670, count: 5 },
    { left: 650, count: 4 },
    { left: 250, count: 1 },
    { left: 240, count: 0 },
  ])('with $left seconds left: $count of 5', ({ left, count }) => {
    // 4/5 of a refit each, then the refit, with a margin of 30%, and the reserve.
    expect(foldsWithinBudget(timed, 5, contextWith({}, left))).toBe(count);
  });

  test('within the budget, however late the limit is', () => {
    // 1,200 seconds: 860 for the training, 100 for the refit, 80 for each fold.
    expect(foldsWithinBudget({ ...timed, training: 860 }, 5, contextWith({}, 1e6))).toBe(3);
  });

  test.each([
    { done: 3, left: 230, count: 5 },
    { done: 3, left: 210, count: 4 },
    { done: 3, left: 0, count: 3 },
    { done: 5, left: 0, count: 5 },
  ])('with $left seconds left after $done of 5: $count', ({ done, left, count }) => {
    // Without the refit, which may be left out.
    expect(foldsWithinLimit(timed, { folds: 5, done }, contextWith({}, left))).toBe(count);
  });
});

describe('the random variants of each image that there is time for', () => {
  const LATE = 1e6;

  test.each([
    ['a quarter of the budget, which is 300 seconds', { ofEach: 100, spent: 0, left: LATE }, 3],
    ['no more than a quarter of it', { ofEach: 110, spent: 0, left: LATE }, 2],
    ['what epochs of 840 seconds and earlier fine-tunings leave of 1,200', { ofEach: 100, spent: 150, left: LATE }, 2],
    ['nothing where the epochs need all of it', { ofEach: 1, spent: 360, left: LATE }, 0],
    ['what they leave before the limit, with a margin of 30%', { ofEach: 100, spent: 0, left: 1.3 * 940 + 10 }, 1],
    ['nothing where the limit is near', { ofEach: 100, spent: 0, left: 1.3 * 840 + 10 }, 0],
    ['as many as asked where they take no time', { ofEach: 0, spent: 0, left: LATE }, 3],
    ['fewer where the images themselves are computed again', { ofEach: 100, before: 60, spent: 0, left: LATE }, 2],
  ])('%s', (_, { left, ...variants }, count) => {
    expect(variantsWithinLimits(needed, { most: 3, before: 0, ...variants }, contextWith({}, left))).toBe(count);
  });

  test('retraining on all images comes first', () => {
    expect(
      variantsWithinLimits({ ...needed, retraining: 300 }, { most: 3, ofEach: 50, before: 0, spent: 0 }, contextWith({}, LATE)),
    ).toBe(1);
  });
});

test('a job with one of several specs keeps the price of its machine, and no plans', () => {
  const job = jobWith({});
  const spec = { ...job.spec, effort: 'fast' as const };
  const { plans: _, ...whole } = estimate;
  expect(withSpec(job, spec)).toEqual({ ...job, spec, estimate: whole });
});
