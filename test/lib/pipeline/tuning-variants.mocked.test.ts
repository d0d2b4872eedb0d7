/** A fine-tuning on random variants of its images, whose features are in the store of a machine of another kind. */
import { expect, test, vi } from 'vitest';
import { product } from '../../../lib/arithmetic.ts';
import { writeShard } from '../../../lib/features/feature-shard.ts';
import { openTrunk } from '../../../lib/features/open-trunk.ts';
import { trunkKeys } from '../../../lib/features/trunk-keys.ts';
import type { TuningPlan } from '../../../lib/freezing/plan-strategy.ts';
import { trainHead } from '../../../lib/pipeline/train-head.ts';
import { fineTuneTail } from '../../../lib/pipeline/tuning/fine-tune-tail.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';
import { topPlan, trashTraining } from '../../support/training-context.ts';

useTensorFlow();

const opened = vi.hoisted(() => new Set<object>());
vi.mock('../../../lib/features/feature-set.ts', async (original) => {
  const real = await original<typeof import('../../../lib/features/feature-set.ts')>();
  const openFeatureSet: typeof real.openFeatureSet = async (...set) => {
    const features = await real.openFeatureSet(...set);
    const mark = {};
    opened.add(mark);
    const close = () => {
      expect(opened.delete(mark), 'each set is closed once').toBe(true);
      return features.close();
    };
    return { ...features, close };
  };
  return { ...real, openFeatureSet };
});

const varied: TuningPlan = { ...topPlan, augment: { augmentation: 'light', isAutoAugmentation: true } };

test('trains and validates on features of one kind of processor, and opens them once', async () => {
  const context = await trashTraining({
    training: { epochs: 1, batchSize: 64, augmentVariants: 1 },
    fineTuning: { epochs: 1, learningRateFactor: 0.003 },
  });
  const { job, world, dataset } = context;
  const trunk = await openTrunk(job.spec.backbone, { cut: topPlan.cut, pooling: undefined }, world.store);
  const images = [...new Set(dataset.rows.map(({ sha256 }) => sha256))];
  // The other kind has computed nothing but zeros, so that its features are told apart.
  const data = new Float32Array(images.length * product(trunk.featureShape));
  const shard = writeShard({ shape: trunk.featureShape, images, processor: 'another kind', data });
  await world.store.put(`${trunkKeys(trunk.key).features}/${'0'.repeat(64)}`, shard);

  const head = await trainHead(topPlan, 'top', context);
  const before = opened.size;
  const tuned = await fineTuneTail('tail', varied, head, context);
  if ('leftOut' in tuned) throw new Error(tuned.why);
  const { examples, processor, strategy, close } = tuned.trained;
  expect(strategy.evidence.variants).toBe(1);
  expect(processor).not.toBe('another kind');
  for (const part of [examples.train, examples.validation, examples.test, examples.trainAndValidation])
    expect((await part.gather([0])).inputs.some((value) => value !== 0)).toBe(true);
  expect(opened.size - before, 'the images and a variant of each').toBe(2);
  await close();
  expect(opened.size).toBe(before);
  await head.close();
});
