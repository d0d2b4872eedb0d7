/** How a network is retrained: on which images, with which seed, and under which name. */
import type { TrainingSpec } from '../contracts/training-spec.ts';
import type { Fold } from '../datasets/splits/assign-folds.ts';
import { subsetOf } from '../training/examples.ts';
import type { PreparedExamples } from './prepare-examples.ts';
import type { TrainingSet } from './train-phases.ts';
import type { TrainingContext } from './training-context.ts';

/** Options of retraining a network. */
export interface RetrainOptions {
  /** Name of the training within the job. */
  readonly name: string;
  /** The training and validation images to train on, and those to evaluate on; default: it trains on all of them. */
  readonly rows?: Fold;
  /** Default: the job's. */
  readonly seed?: number;
  /** Called after each epoch of a head; default: reports that the job trains. Trainings of a tail ignore it. */
  readonly report?: () => void;
}

/** The training of a head, if it differs from the job's first one. */
export interface HeadTraining {
  /** Of its initial kernels. Default: the job's. */
  readonly seed?: number;
  /** Number of images that it trains on, which divides the prior. Default: the training images. */
  readonly images?: number;
}

/** The training of a head in a retraining: on some rows, or on all training and validation images. */
export function headTraining({ rows, seed }: RetrainOptions, { split }: Pick<TrainingContext, 'split'>): HeadTraining {
  const images = rows?.train.length ?? split.train.length + split.validation.length;
  return { images, ...(seed !== undefined && { seed }) };
}

/**
 * All training and validation images, whose validation metrics then have no meaning; or some of them to train on, and
 * the others to evaluate on.
 */
export function trainingSet(
  { trainAndValidation, validation }: PreparedExamples['examples'],
  { rows }: RetrainOptions,
): TrainingSet {
  if (rows === undefined) return { phase: 'retraining', train: trainAndValidation, validation };
  return {
    phase: 'cross-validation',
    train: subsetOf(trainAndValidation, rows.train),
    validation: subsetOf(trainAndValidation, rows.validation),
  };
}

/** The context of another training within the job. */
export function contextFor({ report }: RetrainOptions, context: TrainingContext): TrainingContext {
  return report === undefined ? context : { ...context, jobContext: { ...context.jobContext, report } };
}

/** The training with the seed of a retraining, if that has one. */
export function withSeed(training: TrainingSpec, { seed = training.seed }: RetrainOptions): TrainingSpec {
  return { ...training, seed };
}
