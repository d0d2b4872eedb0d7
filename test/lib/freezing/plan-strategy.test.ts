import { describe, expect, it } from 'vitest';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import type { Evidence } from '../../../lib/freezing/evidence.ts';
import { planStrategy } from '../../../lib/freezing/plan-strategy.ts';

/** Of images that fine-tuning may gain something on. */
const evidence: Evidence = {
  trainingImages: 800,
  validationImages: 100,
  classes: 3,
  task: 'single-label',
  probes: [
    { stage: 'block4', score: 0.8 },
    { stage: 'top', score: 0.8 },
  ],
  balancedTop: 0.8,
  probedImages: 400,
  colourDistance: 0.2,
};

describe('planStrategy of strategy auto', () => {
  it('tries more layers where the top stages gain', async () => {
    const plan = await planOf({});
    expect(plan).toMatchObject({ name: 'fine-tune-top', cut: { layer: 'block5c_add' }, canKeepFrozen: true });
    expect(plan.deeper).toMatchObject({ cut: { layer: 'block3b_add' }, canKeepFrozen: false, isDeeper: true });
  });

  it('has the top stages to fall back to where all layers are to train', async () => {
    const plan = await planOf({}, { ...evidence, trainingImages: 20_000 });
    expect(plan).toMatchObject({ name: 'fine-tune-all', smaller: { name: 'fine-tune-top', canKeepFrozen: true } });
  });

  it('fits a head to all stages, however many images there are, if it is to be fast', async () => {
    expect(await planOf({ effort: 'fast' }, { ...evidence, trainingImages: 50_000 })).toMatchObject({ cut: 'stages' });
    expect(await planOf({}, { ...evidence, trainingImages: 50_000 })).toMatchObject({ comparesStages: false });
  });

  it('takes a named strategy at its word', async () => {
    const plan = await planOf({ strategy: 'fine-tune-top' });
    expect(plan.deeper).toBeUndefined();
  });
});

function planOf(asked: Omit<JobSpecInput, 'name' | 'dataset'>, found = evidence) {
  return planStrategy(JobSpec.parse({ name: 'cats', dataset: 'cats', ...asked }), {
    trainingImages: found.trainingImages,
    classes: found.classes,
    runtime: 'native',
    gather: async () => found,
  });
}
