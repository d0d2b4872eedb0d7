import { z } from 'zod';
import { timeVariant } from '../features/time-variants.ts';
import type { Trunk } from '../features/trunk.ts';
import { VARIANTS_SHARE } from '../freezing/tuning-augmentation.ts';
import type { Augmentation } from '../images/augment.ts';
import { loadOrCompute } from '../jobs/computed-once.ts';
import type { TrainingContext } from './training-context.ts';

/**
 * The number of random variants of each training image that a fine-tuning has time for: at most
 * `training.augmentVariants`. All attempts of a job use the same number.
 * @param images number of images that have variants
 * @throws as timeVariant
 */
export async function countVariants(
  trunk: Trunk,
  images: number,
  augmentation: Augmentation,
  { job, world, part = '' }: TrainingContext,
): Promise<number> {
  const { training, fineTuning } = job.spec;
  const once = { job, name: `${part}variants-${trunk.key}`, schema: z.int() };
  const count = await loadOrCompute(once, world.store, async () => {
    const seconds = images * (await timeVariant(trunk, augmentation));
    return Math.min(training.augmentVariants, Math.floor((VARIANTS_SHARE * fineTuning.budgetMinutes * 60) / seconds));
  });
  world.log('tuning.variants', { job: job.id, trunk: trunk.key, variants: count });
  return count;
}
