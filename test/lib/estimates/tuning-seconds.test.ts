import { expect, test } from 'vitest';
import type { JobEstimate, PlanEstimate } from '../../../lib/contracts/compute.ts';
import { tuningSeconds } from '../../../lib/estimates/tuning-seconds.ts';

const plan = (strategy: PlanEstimate['strategy'], runtime: PlanEstimate['runtime'], expected: number): PlanEstimate => ({
  strategy,
  runtime,
  low: 1,
  expected,
  upper: 1000,
});
const estimate: JobEstimate = {
  target: 'local',
  seconds: 1000,
  parts: [],
  reason: '',
  plans: [
    plan('stage-features', 'wasm', 90),
    plan('stage-features', 'native', 60),
    plan('fine-tune-top', 'native', 300),
    plan('fine-tune-all', 'native', 40),
  ],
};

test.each([
  ['the plan with fine-tuning minus the plan without', 'fine-tune-top', 'native', 240],
  ['not below zero', 'fine-tune-all', 'native', 0],
  ['unknown without a plan for this runtime', 'fine-tune-top', 'wasm', undefined],
] as const)('the time of fine-tuning is %s', (_, tuned, runtime, seconds) => {
  expect(tuningSeconds(estimate, { frozen: 'stage-features', tuned, runtime })).toBe(seconds);
});

test('the time of fine-tuning is unknown without an estimate', () => {
  expect(tuningSeconds(undefined, { frozen: 'stage-features', tuned: 'fine-tune-top', runtime: 'native' })).toBeUndefined();
});
