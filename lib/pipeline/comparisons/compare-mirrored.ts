import { z } from 'zod';
import type { AugmentSpec } from '../../contracts/augment-spec.ts';
import { countGroups, relatedImages } from '../../datasets/splits/assign-folds.ts';
import { labelled } from '../../features/feature-examples.ts';
import { openTrunk } from '../../features/open-trunk.ts';
import { readFeatures, readVariantFeatures } from '../../features/stage-features.ts';
import type { Trunk } from '../../features/trunk.ts';
import { loadOrCompute } from '../../jobs/computed-once.ts';
import { EVEN_WEIGHTING } from '../../training/closed-form/kernel.ts';
import { memoryExamples } from '../../training/examples.ts';
import { lossDifference, type RelatedImages } from '../../training/paired-difference.ts';
import { choiceFolds } from '../closed-form-options.ts';
import { extractionOptions } from '../extraction-options.ts';
import { probedRows } from '../gather-evidence.ts';
import { hashesOf } from '../hashes-of.ts';
import { oncePerJob } from '../once-per-trial.ts';
import type { TrainingContext } from '../training-context.ts';
import { scoreExamples, scoreFrozenHead } from './score-frozen-head.ts';

/** How a head that is fitted to mirrored images as well compares with one that is fitted to the images alone. */
export const MirrorComparison = z.strictObject({
  /** By how much the mean loss of held-out images is lower with mirrored images. */
  gain: z.number(),
  standardError: z.number(),
});
export type MirrorComparison = z.infer<typeof MirrorComparison>;

/** Left becomes right, without anything random. */
const MIRRORED = { augmentation: [{ transform: 'flip', horizontal: 1, vertical: 0 }] satisfies AugmentSpec, seed: 0, number: 1 };
const WEIGHTINGS = [EVEN_WEIGHTING];

/**
 * Compares linear heads on the frozen features of up to 400 training images with heads that are fitted to the mirrored
 * images as well: where a class depends on left and right, as with letters, these have a higher loss on held-out images.
 * It uses neither validation nor test images. An interrupted job keeps the result, and trials of a search share it.
 * @returns undefined if all images belong together, which shows nothing about chance
 * @throws as openTrunk and extractFeatures
 */
export async function compareMirrored(context: TrainingContext): Promise<MirrorComparison | undefined> {
  const { job, world, jobContext, dataset, split } = context;
  const rows = probedRows(split, job.spec.training.seed);
  if (countGroups(dataset, rows) < 2) return undefined;
  const trunk = await openTrunk(job.spec.backbone, { cut: 'stages', pooling: undefined }, world.store, jobContext.signal);
  const once = oncePerJob(`mirror-${trunk.key}`, MirrorComparison, context);
  const mirror = await loadOrCompute(once, world.store, () => compare(trunk, rows, context));
  world.log('mirror', { job: job.id, ...mirror });
  return mirror;
}

async function compare(trunk: Trunk, rows: readonly number[], context: TrainingContext): Promise<MirrorComparison> {
  const { dataset, work } = context;
  const options = extractionOptions(context);
  const images = hashesOf(dataset, rows);
  const { inputs, mirrored } = await work.time('features', async () => ({
    inputs: await readFeatures(trunk, images, options),
    mirrored: await readVariantFeatures(trunk, images, MIRRORED, options),
  }));
  const { blocks } = trunk;
  // Of many classes, twice the images would get another kind of head, whose loss differs for reasons of its own.
  const heads = { blocks, weightings: WEIGHTINGS, fitted: 2 * rows.length };
  const without = await scoreFrozenHead({ rows, inputs, ...heads }, context);
  const both = new Float32Array(2 * inputs.length);
  both.set(inputs);
  both.set(mirrored, inputs.length);
  const examples = memoryExamples({
    inputShape: [inputs.length / rows.length],
    inputs: both,
    ...labelled(dataset, [...rows, ...rows]),
  });
  const folds = choiceFolds(rows, context).map((fold) => [...fold, ...fold.map((index) => index + rows.length)]);
  const related = withMirrored(relatedImages(dataset, rows), rows.length);
  const { losses } = await scoreExamples(examples, { ...heads, folds, related }, context);
  const { gain, standardError } = lossDifference(losses.subarray(0, rows.length), without.losses, without);
  return { gain, standardError };
}

/** Sets of related images and their mirrored ones, which follow all images: each image belongs to its own. */
function withMirrored(related: RelatedImages, count: number): RelatedImages {
  const inSets = new Set(related.flat());
  const single = Array.from({ length: count }, (_, index) => [index]).filter(([index = 0]) => !inSets.has(index));
  return [...related, ...single].map((set) => [...set, ...set.map((index) => index + count)]);
}
