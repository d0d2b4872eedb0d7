import { describe, expect, it } from 'vitest';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import type { Evidence } from '../../../lib/freezing/evidence.ts';
import { planStrategy } from '../../../lib/freezing/plan-strategy.ts';

/** Of images that fine-tuning may gain something on. */
const evidence: Evidence = {
  trainingImages: 800,
  validationImages: 100,
  classes: 3,
  probes: [
    { stage: 'block4', score: 0.8 },
    { stage: 'top', score: 0.8 },
  ],
  probedImages: 400,
  colourDistance: 0.2,
};

describe('planStrategy of strategy auto', () => {
  it.each([
    ['goes deeper where there is the time', 20, 'block3b_add'],
    ['stays with the top stages where there is not', 0.05, undefined],
  ])('%s', async (_, budgetMinutes, layer) => {
    const plan = await planOf({ fineTuning: { budgetMinutes } });
    expect(plan).toMatchObject({ name: 'fine-tune-top', cut: { layer: 'block5c_add' }, mayStayFrozen: true });
    expect(plan.deeper?.cut).toEqual(layer && { layer });
  });

  it('takes a named strategy at its word', async () => {
    const plan = await planOf({ strategy: 'fine-tune-top' });
    expect(plan.deeper).toBeUndefined();
  });
});

function planOf(asked: Omit<JobSpecInput, 'name' | 'dataset'>) {
  return planStrategy(JobSpec.parse({ name: 'cats', dataset: 'cats', ...asked }), {
    trainingImages: evidence.trainingImages,
    classes: evidence.classes,
    // Its speed is the same on every machine.
    runtime: 'gpu',
    gather: async () => evidence,
  });
}
