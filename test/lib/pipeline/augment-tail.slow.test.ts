import { describe, expect, test } from 'vitest';
import { FEW } from '../../../lib/freezing/choose-strategy.ts';
import type { Plan } from '../../../lib/freezing/plan-strategy.ts';
import { augmentSteps } from '../../../lib/images/augment/presets.ts';
import { loadOrCompute } from '../../../lib/jobs/computed-once.ts';
import { augmentTail } from '../../../lib/pipeline/augment-tail.ts';
import { MirrorComparison } from '../../../lib/pipeline/compare-mirrored.ts';
import { trainPlan } from '../../../lib/pipeline/train-plan.ts';
import type { TrainingContext } from '../../../lib/pipeline/training-context.ts';
import { topPlan, trashTraining } from '../../support/training-context.ts';

const named: Plan = { ...topPlan, canKeepFrozen: false };
const deeper: Plan = { ...topPlan, cut: { layer: 'block6d_add' }, canKeepFrozen: false };
const smaller: Plan = { ...topPlan, reason: 'Less.' };
const light = augmentSteps('light');
const withoutFlips = light.filter(({ transform }) => transform !== 'flip');

/** A job with so many training images that strategy auto changes them: the same ones again and again. */
async function manyImages(wanted: Parameters<typeof trashTraining>[0] = {}): Promise<TrainingContext> {
  const { split, ...rest } = await trashTraining(wanted);
  const train = Array.from({ length: FEW }, (_, image) => split.train[image % split.train.length] ?? 0);
  return { ...rest, split: { ...split, train } };
}

/** A job that has compared mirrored images before, with this result. */
async function compared(mirror: MirrorComparison): Promise<TrainingContext> {
  const context = await manyImages();
  await loadOrCompute({ job: context.job, name: 'mirror', schema: MirrorComparison }, context.world.store, async () => mirror);
  return context;
}

describe('the training images of a fine-tuning', () => {
  test('do not change for a strategy that the user names', async () => {
    const { augment, reason } = await augmentTail(named, await trashTraining({}));
    expect({ augment, reason }).toEqual({ augment: 'none', reason: named.reason });
  });

  test('change as the spec says, in every plan that may be tried', async () => {
    const plan = await augmentTail({ ...topPlan, deeper, smaller }, await trashTraining({ fineTuning: { augment: 'strong' } }));
    expect([plan, plan.deeper, plan.smaller].map((of) => of?.augment)).toEqual(['strong', 'strong', 'strong']);
  });

  test.each([
    { gain: 0.1, standardError: 0.01, augment: light, said: '' },
    { gain: -0.02, standardError: 0.01, augment: light, said: '' },
    {
      gain: -0.0204,
      standardError: 0.01,
      augment: withoutFlips,
      said:
        ' Fine-tuning does not mirror images: mirrored ones raise the loss of a linear head on held-out training images by ' +
        '0.020, with a standard error of 0.010.',
    },
  ])('are mirrored by strategy auto unless that harms: $gain', async ({ gain, standardError, augment, said }) => {
    const plan = await augmentTail({ ...topPlan, deeper }, await compared({ gain, standardError }));
    for (const of of [plan, plan.deeper]) {
      expect(of?.augment).toEqual(augment);
      expect(of?.reason).toBe(`${topPlan.reason}${said}`);
      expect(of?.evidence).toEqual({ mirrorGain: gain, mirrorGainError: standardError });
    }
  });

  test('are not mirrored where nothing could show that it harms', async () => {
    const { dataset, ...rest } = await manyImages();
    const context = { ...rest, dataset: { ...dataset, rows: dataset.rows.map((row) => ({ ...row, group: 'one' })) } };
    const { augment, evidence } = await augmentTail(topPlan, context);
    expect({ augment, evidence }).toEqual({ augment: withoutFlips, evidence: {} });
  });

  test('do not change for strategy auto where there are few', async () => {
    const { augment, evidence } = await augmentTail(topPlan, await trashTraining({}));
    expect({ augment, evidence }).toEqual({ augment: 'none', evidence: {} });
  });

  test('have as many variants as the budget allows, which later attempts keep', async () => {
    const training = { epochs: 1, batchSize: 16, augmentVariants: 2 };
    const fineTuning = { epochs: 2, learningRateFactor: 0.003, augment: 'light' } as const;
    const context = await trashTraining({ training, fineTuning });
    const { dataset, split, work, job } = context;
    const lines: string[] = [];
    const log = (event: string, fields?: object) => void (event === 'tuning.variants' && lines.push(JSON.stringify(fields)));
    const logged = { ...context, world: { ...context.world, log } };
    await (await trainPlan(topPlan, logged)).close();
    // All images at the top and at the cut, and two variants of each image that may train.
    const all = 2 * dataset.rows.length + 2 * (split.train.length + split.validation.length);
    expect(work.total().features.decoded).toBe(all);
    expect(lines).toEqual([expect.stringContaining('"variants":2')]);
    const spec = { ...job.spec, fineTuning: { ...job.spec.fineTuning, budgetMinutes: 0 } };
    await (await trainPlan(topPlan, { ...logged, job: { ...job, spec, attempt: 2 } })).close();
    expect(lines).toEqual([lines[0], lines[0]]);
    await (await trainPlan(topPlan, { ...logged, job: { ...job, spec, id: 'job-2' } })).close();
    expect(lines.at(-1)).toContain('"variants":0');
  });
});
