/** From images to training examples: features at a cut, either stored or computed on the fly. */

import { closeOnFailure } from '../close-on-failure.ts';
import { trainAndValidationRows } from '../datasets/splits/split-dataset.ts';
import { type Extraction, extractFeatures } from '../features/extract-features.ts';
import { featureColumns, featureExamples } from '../features/feature-examples.ts';
import { liveFeatures } from '../features/live-features.ts';
import { reportSuspects } from '../features/report-suspects.ts';
import type { Trunk } from '../features/trunk.ts';
import { variantFeatures } from '../features/variant-features.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import type { Pooling } from '../heads/split-pooling.ts';
import { augmentSteps } from '../images/augment/presets.ts';
import type { Augmentation } from '../images/augment.ts';
import { processorKind } from '../onnx/processor-kind.ts';
import { selectedDevice } from '../onnx/selected-device.ts';
import { blocksOf } from '../training/closed-form/feature-block.ts';
import type { Examples } from '../training/examples.ts';
import { extractionOptions } from './extraction-options.ts';
import { openJobTrunk } from './open-job-trunk.ts';
import type { TrainingContext } from './training-context.ts';

export interface PreparedExamples {
  readonly trunk: Trunk;
  /** `trainAndValidation` are the training and validation images together, in the order of the data set's rows. */
  readonly examples: Readonly<Record<'train' | 'validation' | 'test' | 'trainAndValidation', Examples>>;
  /** The kind of processor that computed the features. */
  readonly processor: string;
  close(): Promise<void>;
}

interface ExamplesOptions {
  /** Whether the vectors of the stages up to the cut follow the map. */
  readonly withStages?: boolean | undefined;
  /** Random transforms of the training images. Default: those of `training` in the spec. */
  readonly augment?: Augmentation | undefined;
}

/**
 * The splits of the data set as features at a cut. The job counts the time.
 * @param pooling turns the map there into a vector; undefined to keep the map
 * @throws as openJobTrunk and extractFeatures
 */
export function prepareExamples(
  cut: Plan['cut'],
  pooling: Pooling | undefined,
  context: TrainingContext,
  { withStages = false, augment }: ExamplesOptions = {},
): Promise<PreparedExamples> {
  return context.work.time('features', async () => {
    const trunk = await openJobTrunk({ cut, pooling, ...(withStages && { withStages }) }, context);
    const extraction = await featuresOf(trunk, { cut, augment }, context);
    await closeOnFailure(extraction.features, () => reportSuspectImages(trunk, cut, extraction, context));
    return examplesOf(trunk, extraction, context);
  });
}

/** Vectors of the whole backbone show which images look similar. */
async function reportSuspectImages(
  trunk: Trunk,
  cut: Plan['cut'],
  { features }: Extraction,
  { world, dataset, jobContext }: TrainingContext,
): Promise<void> {
  if (cut === 'top' && trunk.featureShape.length === 1) await reportSuspects(features, dataset, world, jobContext.signal);
  const top = blocksOf(trunk.blocks ?? []).find(({ name }) => name === 'top');
  if (top) await reportSuspects(featureColumns(features, top), dataset, world, jobContext.signal);
}

function examplesOf(trunk: Trunk, extraction: Extraction, context: TrainingContext): PreparedExamples {
  const { dataset, split } = context;
  const { features, processor } = extraction;
  logFeatures(trunk, extraction, context);
  const of = (part: readonly number[]) => featureExamples(features, dataset, part);
  const examples = {
    train: of(split.train),
    validation: of(split.validation),
    test: of(split.test),
    trainAndValidation: of(trainAndValidationRows(split)),
  };
  return { trunk, examples, processor, close: () => features.close() };
}

interface AskedFeatures extends Omit<ExamplesOptions, 'withStages'> {
  readonly cut: Plan['cut'];
}

/**
 * With a cut before the first layer, features are computed on the fly. Otherwise they are computed once and stored,
 * like variants of the training images.
 */
async function featuresOf(trunk: Trunk, { cut, augment: asked }: AskedFeatures, context: TrainingContext): Promise<Extraction> {
  const { job, world, dataset, work } = context;
  const { store, inputCache: inputs, log } = world;
  const { augment: ofSpec, augmentVariants: variants, seed } = job.spec.training;
  const augmentation = asked ?? ofSpec;
  const isAugmented = augmentSteps(augmentation).length > 0;
  if (cut === 'images') {
    const images = allImages(dataset);
    const augment = isAugmented ? { augmentation, seed } : undefined;
    const features = await liveFeatures(trunk, images, { store, inputs, augment, log });
    const counts = { cached: 0, decoded: images.length };
    work.addFeatures(trunk, counts);
    return { features, ...counts, processor: processorKind(selectedDevice()) };
  }
  if (!isAugmented || cut === 'stages') return extractAll(trunk, context);
  return extractVariants(trunk, { augmentation, variants }, context);
}

/** So many random variants of each image that may train. */
export interface ImageVariants {
  readonly augmentation: Augmentation;
  readonly variants: number;
}

/**
 * As `prepareExamples`, with random variants of the training images, which take turns with them. Their features and
 * those of the images themselves are of one kind of processor.
 * @throws as extractFeatures
 */
export function prepareVariants(trunk: Trunk, variants: ImageVariants, context: TrainingContext): Promise<PreparedExamples> {
  return context.work.time('features', async () => examplesOf(trunk, await extractVariants(trunk, variants, context), context));
}

/** Computes the features of all images, and of random variants of the training and validation images. */
function extractVariants(trunk: Trunk, { augmentation, variants }: ImageVariants, context: TrainingContext): Promise<Extraction> {
  const { job, dataset, split } = context;
  const images = allImages(dataset);
  const augment = { augmentation, seed: job.spec.training.seed };
  const options = { ...extractionOptions(context), augment, variants };
  return variantFeatures(trunk, images, trainAndValidationRows(split), options);
}

/** Computes the features of all images. @throws as extractFeatures */
export function extractAll(trunk: Trunk, context: TrainingContext): Promise<Extraction> {
  return extractFeatures(trunk, allImages(context.dataset), extractionOptions(context));
}

/** SHA-256 of the image in each row. */
function allImages({ rows }: TrainingContext['dataset']): string[] {
  return rows.map(({ sha256 }) => sha256);
}

/** Logs how many features were computed, and on which kind of processor. */
export function logFeatures(
  { key }: Trunk,
  { cached, decoded, processor }: Pick<Extraction, 'cached' | 'decoded' | 'processor'>,
  { job, world }: TrainingContext,
): void {
  world.log('features', { job: job.id, trunk: key, cached, decoded, processor });
}
