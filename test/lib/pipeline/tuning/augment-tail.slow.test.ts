import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openTrunk } from '../../../../lib/features/open-trunk.ts';
import { FEW } from '../../../../lib/freezing/choose-strategy.ts';
import type { TuningPlan } from '../../../../lib/freezing/plan-strategy.ts';
import { augmentSteps } from '../../../../lib/images/augment/presets.ts';
import { checkpointPrefix } from '../../../../lib/jobs/attempt-checkpoints.ts';
import { loadOrCompute } from '../../../../lib/jobs/computed-once.ts';
import { MirrorComparison } from '../../../../lib/pipeline/comparisons/compare-mirrored.ts';
import type { Network } from '../../../../lib/pipeline/network.ts';
import { trainPlan } from '../../../../lib/pipeline/train-plan.ts';
import type { TrainingContext } from '../../../../lib/pipeline/training-context.ts';
import { augmentTail } from '../../../../lib/pipeline/tuning/augment-tail.ts';
import { topCut, topPlan, trashTraining } from '../../../support/training-context.ts';

const named: TuningPlan = { ...topPlan, chosenBy: 'user' };
const deeper = { ...topCut, cut: { layer: 'block6d_add' } };
/** A rate so low leads downhill all of the way. */
const slow = { epochs: 2, learningRateFactor: 0.003 };
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
  const { job, world } = context;
  const { key } = await openTrunk(job.spec.backbone, { cut: 'stages', pooling: undefined }, world.store);
  await loadOrCompute({ job, name: `mirror-${key}`, schema: MirrorComparison }, world.store, async () => mirror);
  return context;
}

describe('the training images of a fine-tuning', () => {
  test('do not change for a strategy that the user names', async () => {
    const { augment, reason } = await augmentTail(named, await trashTraining({}));
    expect({ augment, reason }).toEqual({ augment: { augmentation: 'none', isAutoAugmentation: false }, reason: named.reason });
  });

  test('change as the spec says', async () => {
    const { augment } = await augmentTail(topPlan, await trashTraining({ fineTuning: { augment: 'strong' } }));
    expect(augment).toEqual({ augmentation: 'strong', isAutoAugmentation: false });
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
    const plan = await augmentTail(topPlan, await compared({ gain, standardError }));
    expect(plan.augment).toEqual({ augmentation: augment, isAutoAugmentation: true });
    expect(plan.reason).toBe(`${topPlan.reason}${said}`);
    expect(plan.evidence).toEqual({ mirrorGain: gain, mirrorGainError: standardError });
  });

  test('are not mirrored where nothing could show that it harms', async () => {
    const { dataset, ...rest } = await manyImages();
    const context = { ...rest, dataset: { ...dataset, rows: dataset.rows.map((row) => ({ ...row, group: 'one' })) } };
    const { augment, evidence } = await augmentTail(topPlan, context);
    expect({ augment, evidence }).toEqual({ augment: { augmentation: withoutFlips, isAutoAugmentation: true }, evidence: {} });
  });

  test('do not change for strategy auto where there are few', async () => {
    const { augment, evidence } = await augmentTail(topPlan, await trashTraining({}));
    expect({ augment, evidence }).toEqual({ augment: { augmentation: 'none', isAutoAugmentation: false }, evidence: {} });
  });

  test.each([
    { cuts: 1, plan: topPlan },
    { cuts: 2, plan: { ...topPlan, deeper } },
  ])('of a spec that augments them have all of its variants at each cut: $cuts', async ({ cuts, plan }) => {
    const training = { epochs: 1, batchSize: 16, augmentVariants: 2 };
    const context = await trashTraining({ training, fineTuning: { ...slow, augment: 'light', budgetMinutes: 1 } });
    const { dataset, split, work } = context;
    await (await trainPlan(plan, context)).close();
    // All images at the top, and at each cut all images and two variants of each image that may train.
    const atCut = dataset.rows.length + 2 * (split.train.length + split.validation.length);
    expect(work.total().features.decoded).toBe(dataset.rows.length + cuts * atCut);
  });
});

describe('a fine-tuning of strategy auto', () => {
  const wanted = {
    training: { epochs: 1, batchSize: 64, augmentVariants: 2 },
    fineTuning: { ...slow, epochs: 1 },
  };

  test('trains on as many variants as there is time for, and later attempts on the same', async () => {
    const context = await manyImages(wanted);
    const first = await trainPlan(topPlan, context);
    await first.close();
    expect(first.strategy.evidence.variants).toBe(2);
    expect(first.strategy.reason).toContain('Fine-tuning also trained on 2 random variants of each image.');
    const spec = { ...context.job.spec, fineTuning: { ...context.job.spec.fineTuning, budgetMinutes: 0.01 } };
    const later = await trainPlan(topPlan, { ...context, job: { ...context.job, spec, attempt: 2 } });
    await later.close();
    expect(later.strategy.evidence.variants).toBe(2);
    expect(await weightsOf(later)).toEqual(await weightsOf(first));
  });

  test('trains on none where the epochs need all of the budget', async () => {
    const context = await manyImages({ ...wanted, fineTuning: { ...wanted.fineTuning, budgetMinutes: 85 } });
    // 8 steps of 5 minutes for 500 training images, and 9 for a retraining on the validation images too.
    const speed = { step: 300, evaluation: 0 };
    await loadOrCompute({ job: context.job, name: 'speed-tail', schema: z.unknown() }, context.world.store, async () => speed);
    const { strategy, close } = await trainPlan(topPlan, context);
    await close();
    expect(strategy.evidence.variants).toBe(0);
    expect(strategy.reason).not.toContain('variant');
  });

  test('trains on none if an earlier version of Graft has begun it without', async () => {
    const context = await manyImages(wanted);
    const first = await trainPlan(topPlan, context);
    await first.close();
    const { job, world } = context;
    await world.store.delete(`${checkpointPrefix(job.id)}variants-tail.json`);
    const later = await trainPlan(topPlan, { ...context, job: { ...job, attempt: 2 } });
    await later.close();
    expect(later.strategy.evidence.variants).toBe(0);
  });
});

async function weightsOf({ model }: Network): Promise<unknown> {
  return Promise.all(model.getWeights().map((weights) => weights.data()));
}
