import { round } from '../../arithmetic.ts';
import type { BackboneSpec } from '../../contracts/job-spec.ts';
import { labelled } from '../../features/feature-examples.ts';
import { readStageFeatures } from '../../features/stage-features.ts';
import type { Trunk } from '../../features/trunk.ts';
import { chooseMixture } from '../../training/closed-form/choose-mixture.ts';
import type { BlockWeighting } from '../../training/closed-form/kernel.ts';
import { scoreHeldOut } from '../../training/closed-form/score-held-out.ts';
import { type Examples, memoryExamples } from '../../training/examples.ts';
import type { LabelledLogits } from '../../training/metrics/labelled-logits.ts';
import { imageLosses } from '../../training/metrics/negative-log-likelihood.ts';
import type { ComparedImages, PairedDifference, RelatedImages } from '../../training/paired-difference.ts';
import { choiceFolds, closedFormOptions, imageWeights } from '../closed-form-options.ts';
import { extractionOptions } from '../extraction-options.ts';
import { hashesOf } from '../hashes-of.ts';
import { joinFolds } from '../held-out-scores.ts';
import type { TrainingContext } from '../training-context.ts';
import { comparedImages } from './compared-images.ts';

/** The features of some images, in a vector each. */
export interface FrozenFeatures extends Pick<Trunk, 'blocks'> {
  /** Rows of the data set. */
  readonly rows: readonly number[];
  /** float32 [rows, size] */
  readonly inputs: Float32Array;
  /** Weightings of the stages that the head may have; default: those of every head. */
  readonly weightings?: readonly BlockWeighting[] | undefined;
  /** Number of images that decides the kind of head, so that compared heads are of one kind; default: the given ones. */
  readonly fitted?: number;
}

/** Logits of a linear head on frozen features, each of an image that the head was not fitted to. */
interface HeldOutLogits {
  readonly scores: LabelledLogits;
  /** [images]: negative log-likelihood of each. */
  readonly losses: Float64Array;
}

/** The same, with how the images count in a comparison. */
export interface FrozenScores extends HeldOutLogits, ComparedImages {}

export interface FrozenOptions extends Pick<FrozenFeatures, 'rows' | 'weightings'> {
  readonly onProgress: (done: number, total: number) => void;
}

/** A frozen backbone, and the logits of a linear head on the features of all its stages. */
export interface FrozenBackboneScores extends FrozenScores {
  readonly trunk: Trunk;
}

/**
 * Computes the features of training images in all stages of a frozen backbone, which the job counts, and scores a head
 * on them as `scoreFrozenHead` does.
 * @throws as readStageFeatures
 */
export async function scoreFrozenBackbone(
  backbone: BackboneSpec,
  { rows, weightings, onProgress }: FrozenOptions,
  context: TrainingContext,
): Promise<FrozenBackboneScores> {
  const images = hashesOf(context.dataset, rows);
  const options = extractionOptions(context, onProgress);
  const { trunk, inputs } = await context.work.time('features', () => readStageFeatures(backbone, images, options));
  return { trunk, ...(await scoreFrozenHead({ rows, inputs, blocks: trunk.blocks, weightings }, context)) };
}

/**
 * Fits a linear head in closed form to the frozen features of training images, and scores each image by a head that was
 * not fitted to it.
 */
export async function scoreFrozenHead(
  { rows, inputs, blocks, ...how }: FrozenFeatures,
  context: TrainingContext,
): Promise<FrozenScores> {
  const inputShape = [inputs.length / rows.length];
  const examples = memoryExamples({ inputShape, inputs, ...labelled(context.dataset, rows) });
  const compared = comparedImages(rows, context);
  const folds = { blocks, folds: choiceFolds(rows, context), related: compared.related, ...how };
  return { ...(await scoreExamples(examples, folds, context)), ...compared };
}

interface FoldedHeads extends Pick<FrozenFeatures, 'blocks' | 'weightings' | 'fitted'> {
  /** The examples that each fold leaves out. */
  readonly folds: readonly (readonly number[])[];
  /** Examples that belong together, all of which one fold leaves out. */
  readonly related: RelatedImages;
}

/**
 * Fits a linear head in closed form for each fold, to all other examples, and scores the examples of the fold.
 * @param examples inputs [size]
 */
export async function scoreExamples(
  examples: Examples,
  { blocks, folds, related, weightings, fitted = examples.count }: FoldedHeads,
  context: TrainingContext,
): Promise<HeldOutLogits> {
  const weights = imageWeights(examples, context);
  const options = { ...closedFormOptions({ blocks, featureShape: [...examples.inputShape] }, context), weights };
  const { seed } = context.job.spec.training;
  const mixture = await chooseMixture(examples, { ...options, folds, related, weightings, fitted, seed });
  const logits = await scoreHeldOut(examples, mixture, folds, options);
  const parts = folds.map((indexes, fold) => ({ rows: indexes, logits: logits[fold] ?? new Float32Array() }));
  const { scores } = joinFolds(parts, examples, options.task);
  return { scores, losses: imageLosses(scores) };
}

/** Describes a change of the loss of a linear head on held-out images, in a clause that follows "lowers" or "raises". */
export function describeHeadGain({ gain, standardError }: Pick<PairedDifference, 'gain' | 'standardError'>): string {
  const [change, error] = [Math.abs(round(gain)), round(standardError)];
  return (
    `the loss of a linear head on held-out training images by ${change.toFixed(3)}, ` +
    `with a standard error of ${error.toFixed(3)}`
  );
}
