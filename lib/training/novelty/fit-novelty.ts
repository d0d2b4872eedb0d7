import { at, sum } from '../../arithmetic.ts';
import { fewestImages } from '../../contracts/fewest-images.ts';
import type { NoveltyOmitted, NoveltyThreshold } from '../../contracts/novelty.ts';
import type { NoveltyScorer } from '../../onnx/export-novelty.ts';
import { randomStream } from '../../random.ts';
import type { FeatureBlock } from '../closed-form/feature-block.ts';
import { multiply, standardizedGram } from '../closed-form/matrix-products.ts';
import {
  applyStandardization,
  type ColumnMoments,
  columnMoments,
  momentsWithout,
  type Standardization,
  standardize,
} from '../closed-form/standardize.ts';
import { distancesFrom, fitSubspace, type RowProducts } from './principal-subspace.ts';

/** Most principal directions. With few features or images, half of the columns and a quarter of the rows. */
const MOST_DIRECTIONS = 64;
/** Most bytes of the directions in a package. */
const DIRECTION_BYTES = 2 ** 19;
/** More columns would make the package much larger than the score is worth. */
const MOST_COLUMNS = 40_000;

/** A scorer with the threshold above which an image is unknown. */
export interface NoveltyDetector extends NoveltyScorer {
  readonly record: NoveltyThreshold;
  /** Scores of images that the score was not fitted to, in no particular order. */
  readonly heldOut: Float32Array;
}

export interface NoveltyOptions {
  readonly rate: number;
  /** Blocks of the features' columns. */
  readonly blocks: readonly FeatureBlock[];
  /** The rows that each fold leaves out. Related images must be in one fold, as they are in one set of a split. */
  readonly folds: readonly (readonly number[])[];
  readonly seed: number;
  readonly yieldToEventLoop: () => Promise<void>;
}

/**
 * Fits a novelty score to features that the training does not change, and chooses its threshold by cross-validation:
 * each image is scored by means, scales and a subspace of the other folds. The threshold is the conformal quantile of
 * these scores, which at most `rate` of new images of the same kind exceed.
 * @param features float32 [count, width]
 * @returns the reason if the features have no such score
 */
export async function fitNovelty(
  features: Float32Array,
  count: number,
  { rate, blocks, folds, seed, yieldToEventLoop }: NoveltyOptions,
): Promise<NoveltyDetector | NoveltyOmitted> {
  const ordinal = Math.ceil((count + 1) * (1 - rate));
  const fewest = fewestImages(rate);
  if (count < fewest || ordinal > count)
    return { rate, omitted: `A rate of ${rate} needs ${fewest} images; there are ${count}.` };
  const width = features.length / count;
  if (width > MOST_COLUMNS)
    return { rate, omitted: `The features have ${width} columns; the score takes at most ${MOST_COLUMNS}.` };
  if (!features.every(Number.isFinite)) return { rate, omitted: 'Some features of the backbone are not finite numbers.' };
  const rank = directionsFor(count, width);
  const stream = (...name: (string | number)[]) => randomStream(seed, 'novelty', ...name);

  const moments = columnMoments(features, count);
  const rows = { values: features, rows: count };
  const productsBy = async (standardization: Standardization): Promise<RowProducts> => ({
    products: await standardizedGram(rows, standardization),
    count,
  });

  const scores = new Float64Array(count);
  for (const [fold, leftOut] of folds.entries()) {
    await yieldToEventLoop();
    const isLeftOut = new Set(leftOut);
    const others = [...scores.keys()].filter((row) => !isLeftOut.has(row));
    // Scales of all rows would let a rare feature of an image hide it, and the threshold would be too low.
    const products = await productsBy(standardizeRows(momentsWithout(moments, features, leftOut), blocks));
    const distances = distancesFrom(await fitSubspace(products, others, rank, stream('fold', fold)), products, leftOut);
    for (const [i, row] of leftOut.entries()) scores[row] = distances[i] ?? 0;
  }
  const threshold = at(scores.toSorted(), ordinal - 1);
  if (!(threshold > 0)) return { rate, omitted: 'The features of the images are equal.' };
  await yieldToEventLoop();
  const all = [...scores.keys()];
  const standardization = standardizeRows(moments, blocks);
  const { directions } = await fitSubspace(await productsBy(standardization), all, rank, stream('all'));
  return {
    mean: Float32Array.from(standardization.mean),
    scale: Float32Array.from(standardization.scale),
    directions: await inFeatureSpace(applyStandardization(features, count, standardization), count, directions),
    record: { rate, threshold, images: count, expectedShare: 1 - ordinal / (count + 1) },
    heldOut: Float32Array.from(scores),
  };
}

/** Scales each column, and each block to the same weight; the mean squared length of a row is then 1. */
function standardizeRows(moments: ColumnMoments, blocks: readonly FeatureBlock[]): Standardization {
  const { mean, scale } = standardize(moments, blocks);
  return { mean, scale: scale.map((value) => value / Math.sqrt(blocks.length)) };
}

/** The most directions that images and features determine and that fit into a package. */
function directionsFor(count: number, width: number): number {
  const bytes = width * Float32Array.BYTES_PER_ELEMENT;
  const most = Math.min(MOST_DIRECTIONS, count / 4, width / 2, DIRECTION_BYTES / bytes);
  return Math.max(1, Math.floor(most));
}

/**
 * Turns coefficients of rows into directions of features.
 * @param rows standardized, float32 [count, width]
 * @returns [width, directions]
 */
async function inFeatureSpace(rows: Float32Array, count: number, directions: readonly Float64Array[]): Promise<Float32Array> {
  const { length: size } = directions;
  if (size === 0) return new Float32Array();
  const coefficients = new Float32Array(count * size);
  for (const [i, direction] of directions.entries()) {
    // Coefficients of centred rows; centring them instead gives the same direction.
    const level = sum(direction) / count;
    for (let row = 0; row < count; row++) coefficients[row * size + i] = at(direction, row) - level;
  }
  return multiply({ values: rows, rows: count }, { values: coefficients, rows: count }, 'first');
}
