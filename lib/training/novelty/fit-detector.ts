import { at, at32, sampleDeviation } from '../../arithmetic.ts';
import type { NoveltyThreshold } from '../../contracts/novelty.ts';
import type { PatchDetector, VectorBank } from '../../onnx/export-detector.ts';
import { type RandomStream, randomStream } from '../../random.ts';
import { averageMaps } from '../average-maps.ts';
import { applyStandardization, columnMoments, standardize } from '../closed-form/standardize.ts';
import { gatherRows } from '../examples.ts';
import { greedyCoreset } from './greedy-coreset.ts';
import { nearestDistances } from './nearest-distances.ts';

/** Patches that a detector keeps, unless they have many channels, and those that it chooses them from. */
const MOST_PATCHES = 1000;
const MOST_CANDIDATES = 6000;
/** Bytes of each bank of a detector. */
const BANK_BYTES = 3 * 2 ** 19;

/** Maps of images at one trunk. */
export interface PatchMaps {
  /** float32 [count, positions, channels] */
  readonly maps: Float32Array;
  readonly count: number;
  readonly channels: number;
}

/** A detector with what is known about its rate. */
export interface FittedDetector extends PatchDetector {
  readonly record: NoveltyThreshold;
  /** Scores of images that the detector was not fitted to, in the order of the maps. */
  readonly heldOut: Float32Array;
}

export interface DetectorOptions {
  /** The share of the class's images that may score above the threshold. */
  readonly rate: number;
  /** The images that each fold leaves out. Related images must be in one fold. */
  readonly folds: readonly (readonly number[])[];
  readonly seed: number;
  readonly yieldToEventLoop: () => Promise<void>;
}

/**
 * Fits a detector to maps of one class, and chooses its units and its threshold by cross-validation: each image is
 * scored by a detector of the other folds. A unit is the distance that the share `rate` of images exceeds, so that
 * patches and means weigh the same. The threshold is the conformal quantile of the scores: at most the share `rate` of
 * new images of the class is expected to exceed it.
 */
export async function fitDetector(
  images: PatchMaps,
  { rate, folds, seed, yieldToEventLoop }: DetectorOptions,
): Promise<FittedDetector> {
  const { count } = images;
  const ofPatches = new Float64Array(count);
  const ofImages = new Float64Array(count);
  for (const [fold, leftOut] of folds.entries()) {
    await yieldToEventLoop();
    const isLeftOut = new Set(leftOut);
    const others = Array.from({ length: count }, (_, row) => row).filter((row) => !isLeftOut.has(row));
    const banks = await fitBanks(pick(images, others), randomStream(seed, 'detector', 'fold', fold));
    await yieldToEventLoop();
    const distances = await measure(pick(images, leftOut), banks);
    for (const [i, row] of leftOut.entries()) {
      ofPatches[row] = at32(distances.patches, i);
      ofImages[row] = at32(distances.images, i);
    }
  }
  await yieldToEventLoop();
  const ordinal = Math.min(count, Math.ceil((count + 1) * (1 - rate)));
  const quantile = (values: Float64Array) => at(values.toSorted(), ordinal - 1) || 1;
  const banks = await fitBanks(images, randomStream(seed, 'detector', 'all'));
  const patches = { ...banks.patches, unit: quantile(ofPatches) };
  const means = { ...banks.images, unit: quantile(ofImages) };
  const scores = Float64Array.from(ofPatches, (distance, row) =>
    Math.max(distance / patches.unit, at(ofImages, row) / means.unit),
  );
  const threshold = quantile(scores);
  return {
    patches,
    images: means,
    threshold,
    // Images that are all equal have no spread.
    spread: Math.max(sampleDeviation(scores), threshold / 1000),
    record: { rate, threshold, images: count, expectedShare: 1 - ordinal / (count + 1) },
    heldOut: Float32Array.from(scores),
  };
}

/** Computes the scores that the served graph computes. @returns [count] */
export async function detectorScores(images: PatchMaps, detector: PatchDetector): Promise<Float32Array> {
  const { patches, images: means } = await measure(images, detector);
  return patches.map((distance, row) => Math.max(distance / detector.patches.unit, at32(means, row) / detector.images.unit));
}

type Banks = Pick<PatchDetector, 'patches' | 'images'>;

async function fitBanks(images: PatchMaps, stream: RandomStream): Promise<Banks> {
  const { maps, channels } = images;
  const most = Math.floor(BANK_BYTES / (channels * Float32Array.BYTES_PER_ELEMENT));
  const patches = standardized(sampleOf(maps, channels, MOST_CANDIDATES, stream), channels);
  const chosen = await greedyCoreset(patches.rows, channels, Math.min(MOST_PATCHES, most), stream);
  const means = standardized(meansOf(images), channels);
  return {
    patches: { ...patches.scaling, vectors: chosen, unit: 1 },
    images: { ...means.scaling, vectors: sampleOf(means.rows, channels, most, stream), unit: 1 },
  };
}

/** Rows with a mean of 0 and a deviation of 1 in each column, and how to scale others like them. */
function standardized(rows: Float32Array, channels: number) {
  const count = rows.length / channels;
  const standardization = standardize(columnMoments(rows, count), [{ name: 'patches', start: 0, size: channels }]);
  return {
    rows: applyStandardization(rows, count, standardization),
    scaling: { mean: Float32Array.from(standardization.mean), scale: Float32Array.from(standardization.scale) },
  };
}

/** The largest distance of any patch of each image, and the distance of each image's mean, from the nearest vectors. */
async function measure(images: PatchMaps, banks: Banks): Promise<Record<'patches' | 'images', Float32Array>> {
  const { maps, count, channels } = images;
  const ofPatches = await distancesFrom(banks.patches, maps, channels);
  const positions = ofPatches.length / count;
  const patches = Float32Array.from({ length: count }, (_, row) =>
    ofPatches.subarray(row * positions, (row + 1) * positions).reduce((most, distance) => Math.max(most, distance), 0),
  );
  return { patches, images: await distancesFrom(banks.images, meansOf(images), channels) };
}

function distancesFrom({ mean, scale, vectors }: VectorBank, rows: Float32Array, channels: number): Promise<Float32Array> {
  const standardization = { mean: Float64Array.from(mean), scale: Float64Array.from(scale) };
  return nearestDistances(applyStandardization(rows, rows.length / channels, standardization), vectors, channels);
}

/** The mean of each image's patches. @returns float32 [count, channels] */
function meansOf({ maps, count, channels }: PatchMaps): Float32Array {
  return averageMaps(maps, maps.length / count / channels, channels);
}

function sampleOf(rows: Float32Array, width: number, most: number, stream: RandomStream): Float32Array {
  const count = rows.length / width;
  if (count <= most) return rows;
  const chosen = stream.shuffle(Array.from({ length: count }, (_, row) => row)).slice(0, most);
  return gatherRows(
    rows,
    width,
    chosen.sort((a, b) => a - b),
  );
}

function pick({ maps, count, channels }: PatchMaps, rows: readonly number[]): PatchMaps {
  return { maps: gatherRows(maps, maps.length / count, rows), count: rows.length, channels };
}
