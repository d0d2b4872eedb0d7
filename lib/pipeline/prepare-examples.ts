/** From images to training examples: features at a cut, either stored or computed on the fly. */

import { trainAndValidationRows } from '../datasets/splits/split-dataset.ts';
import { closeOnFailure } from '../features/close-on-failure.ts';
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
 * The splits of the data set as features at a cut.
 * @param pooling turns the map there into a vector; undefined to keep the map
 * @throws as openJobTrunk and extractFeatures
 */
export async function prepareExamples(
  cut: Plan['cut'],
  pooling: Pooling | undefined,
  context: TrainingContext,
  { withStages = false, ...options }: ExamplesOptions = {},
): Promise<PreparedExamples> {
  const { world, dataset, split } = context;
  const end = { cut, pooling, ...(withStages && { withStages }) };
  const trunk = await openJobTrunk(end, context);
  const learningRows = trainAndValidationRows(split);
  const extraction = await featuresOf(trunk, { cut, learningRows, ...options }, context);
  const { features, processor } = extraction;
  logFeatures(trunk, extraction, context);
  await closeOnFailure(features, async () => {
    // Vectors of the whole backbone show which images look similar.
    if (cut === 'top' && trunk.featureShape.length === 1)
      await reportSuspects(features, dataset, world, context.jobContext.signal);
    const top = blocksOf(trunk.blocks ?? []).find(({ name }) => name === 'top');
    if (top) await reportSuspects(featureColumns(features, top), dataset, world, context.jobContext.signal);
  });
  const of = (part: readonly number[]) => featureExamples(features, dataset, part);
  const examples = {
    train: of(split.train),
    validation: of(split.validation),
    test: of(split.test),
    trainAndValidation: of(learningRows),
  };
  return { trunk, examples, processor, close: () => features.close() };
}

interface AskedFeatures extends Omit<ExamplesOptions, 'withStages'> {
  readonly cut: Plan['cut'];
  /** Rows of the images that may train. */
  readonly learningRows: readonly number[];
}

/**
 * With a cut before the first layer, features are computed on the fly. Otherwise they are computed once and stored,
 * like variants of the training images.
 */
async function featuresOf(
  trunk: Trunk,
  { cut, learningRows, augment: asked }: AskedFeatures,
  context: TrainingContext,
): Promise<Extraction> {
  const { job, world, dataset, work } = context;
  const { store, inputCache: inputs, log } = world;
  const { augment: ofSpec, augmentVariants: variants, seed } = job.spec.training;
  const augmentation = asked ?? ofSpec;
  const augment = augmentSteps(augmentation).length > 0 ? { augmentation, seed } : undefined;
  const images = dataset.rows.map(({ sha256 }) => sha256);
  if (cut === 'images') {
    const features = await liveFeatures(trunk, images, { store, inputs, augment, log });
    const counts = { cached: 0, decoded: images.length };
    work.addFeatures(trunk, counts);
    return { features, ...counts, processor: processorKind(selectedDevice()) };
  }
  if (augment === undefined || cut === 'stages') return extractAll(trunk, context);
  return variantFeatures(trunk, images, learningRows, { ...extractionOptions(context), augment, variants });
}

/** Images that train, with random variants of them that take turns. */
export interface VariedExamples {
  readonly examples: Pick<PreparedExamples['examples'], 'train' | 'trainAndValidation'>;
  close(): Promise<void>;
}

/**
 * Computes the features of so many random variants of each training and validation image.
 * @throws as extractFeatures
 */
export async function openVariants(
  trunk: Trunk,
  { augmentation, variants }: { readonly augmentation: Augmentation; readonly variants: number },
  context: TrainingContext,
): Promise<VariedExamples> {
  const { job, dataset, split } = context;
  const rows = trainAndValidationRows(split);
  const images = dataset.rows.map(({ sha256 }) => sha256);
  const augment = { augmentation, seed: job.spec.training.seed };
  const extraction = await variantFeatures(trunk, images, rows, { ...extractionOptions(context), augment, variants });
  const { features } = extraction;
  logFeatures(trunk, extraction, context);
  const of = (part: readonly number[]) => featureExamples(features, dataset, part);
  return { examples: { train: of(split.train), trainAndValidation: of(rows) }, close: () => features.close() };
}

/** Computes the features of all images. @throws as extractFeatures */
export function extractAll(trunk: Trunk, context: TrainingContext): Promise<Extraction> {
  const images = context.dataset.rows.map(({ sha256 }) => sha256);
  return extractFeatures(trunk, images, extractionOptions(context));
}

/** Logs how many features were computed, and on which kind of processor. */
export function logFeatures(
  { key }: Trunk,
  { cached, decoded, processor }: Pick<Extraction, 'cached' | 'decoded' | 'processor'>,
  { job, world }: TrainingContext,
): void {
  world.log('features', { job: job.id, trunk: key, cached, decoded, processor });
}
