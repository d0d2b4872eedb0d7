import { z } from 'zod';
import { ownProcessor } from '../../features/extract-features.ts';
import { timeVariants } from '../../features/time-variants.ts';
import type { Trunk } from '../../features/trunk.ts';
import type { Augmentation } from '../../images/augment.ts';
import { loadOrCompute } from '../../jobs/computed-once.ts';
import { extractionOptions } from '../extraction-options.ts';
import { oncePerTrial } from '../once-per-trial.ts';
import type { TrainingContext } from '../training-context.ts';
import type { BudgetedTuning } from './budget-tuning.ts';
import { variantsWithinLimits } from './tuning-limits.ts';

const PlannedVariants = z.strictObject({
  /** Random variants of each training image. */
  count: z.int(),
  /** Seconds that their features are expected to take, with those of the images themselves if they are computed again. */
  seconds: z.number(),
});
export type PlannedVariants = z.infer<typeof PlannedVariants>;

interface VariantsContext extends Pick<BudgetedTuning, 'needed' | 'hasBegun'> {
  /** Name of the fine-tuning within the job. */
  readonly name: string;
  /** Seconds of fine-tuning before this one. */
  readonly spent: number;
  /** SHA-256 of each image that has variants. */
  readonly images: readonly string[];
  /** The kind of processor that computed the features of the images themselves. */
  readonly processor: string;
}

/**
 * Plans on how many random variants of each image a fine-tuning of strategy `auto` trains: at most
 * `training.augmentVariants`, and only as many as its epochs leave time for. All attempts of a job use the same number; a
 * fine-tuning that an earlier version of Graft has begun has none.
 * @throws as timeVariants
 */
export async function planVariants(
  trunk: Trunk,
  augmentation: Augmentation,
  { name, needed, hasBegun, spent, images, processor }: VariantsContext,
  context: TrainingContext,
): Promise<PlannedVariants> {
  const { job, world, dataset } = context;
  const { augmentVariants, seed } = job.spec.training;
  const once = oncePerTrial(`variants-${name}`, PlannedVariants, context);
  const planned = await loadOrCompute(once, world.store, async () => {
    if (hasBegun) return { count: 0, seconds: 0 };
    const perImage = await timeVariants(trunk, images, { augmentation, seed }, extractionOptions(context));
    const ofEach = perImage * images.length;
    // This machine computes the images again if another kind did, because features of two kinds do not train together.
    const before = processor === ownProcessor(trunk) ? 0 : perImage * dataset.rows.length;
    const count = variantsWithinLimits(needed, { most: augmentVariants, ofEach, before, spent }, context);
    return { count, seconds: count === 0 ? 0 : before + count * ofEach };
  });
  world.log('tuning.variants', { job: job.id, name, ...planned });
  return planned;
}
