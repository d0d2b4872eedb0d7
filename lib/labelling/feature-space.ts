import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { mean } from '../arithmetic.ts';
import { randomStream } from '../random.ts';
import { blocksOf, columnsOfBlocks, type FeatureBlock, withoutGrids } from '../training/closed-form/feature-block.ts';
import { EVEN_WEIGHTING, weightedStandardization } from '../training/closed-form/kernel.ts';
import { gram, multiply } from '../training/closed-form/matrix-products.ts';
import { applyStandardization } from '../training/closed-form/standardize.ts';
import { gatherColumns, gatherRows } from '../training/examples.ts';
import { nearestRows } from './nearest-rows.ts';
import type { RowVectors } from './unit-vectors.ts';

/** Most dimensions of a space: a head is then fitted in a fraction of a second, however wide the features are. */
const MOST_DIMENSIONS = 256;
/** Directions with a smaller share of the largest eigenvalue are noise. */
const LEAST_EIGENVALUE = 1e-6;
const ROWS_AT_ONCE = 256;
const NEIGHBOURS = 10;

/** All images of a data set as short vectors whose products are nearly those of their standardized features. */
export interface FeatureSpace extends RowVectors {
  /** float32 [count, width]; the mean squared length is about 1. */
  readonly vectors: Float32Array;
  /** [count]: mean cosine similarity to the ten nearest images, -1..1. */
  readonly density: Float32Array;
}

/**
 * Reduces features by the Nyström method (Williams & Seeger, 2001): each image is described by its products with up to
 * 256 images, drawn at random.
 * @param inputs float32 [count, width]
 * @throws RuntimeError FEATURES_NOT_FINITE
 */
export async function openFeatureSpace(
  inputs: Float32Array,
  count: number,
  { blocks: all, yieldToEventLoop }: { readonly blocks: readonly FeatureBlock[]; readonly yieldToEventLoop: () => Promise<void> },
): Promise<FeatureSpace> {
  const whole = withoutGrids(all);
  const blocks = blocksOf(whole);
  // The quarters of maps, which come first, would only be multiplied by 0.
  const kept = columnsOfBlocks(whole);
  const wide = kept.size;
  const columns = gatherColumns(inputs, inputs.length / count, kept);
  const standardization = weightedStandardization(columns, count, blocks, EVEN_WEIGHTING);
  await yieldToEventLoop();
  const drawn = randomStream(0, 'landmarks').shuffle(Array.from({ length: count }, (_, row) => row));
  const drawnRows = gatherRows(columns, wide, drawn.slice(0, MOST_DIMENSIONS));
  const landmarks = applyStandardization(drawnRows, drawnRows.length / wide, standardization);
  const { map, width } = inverseRoot(await gram(landmarks, landmarks.length / wide), landmarks.length / wide);
  await yieldToEventLoop();
  const ofDrawn = landmarks.length / wide;
  const projection = {
    values: await multiply({ values: landmarks, rows: ofDrawn }, { values: map, rows: ofDrawn }, 'first'),
    rows: wide,
  };
  const vectors = new Float32Array(count * width);
  for (let start = 0; start < count; start += ROWS_AT_ONCE) {
    const rows = columns.subarray(start * wide, (start + ROWS_AT_ONCE) * wide);
    const values = applyStandardization(rows, rows.length / wide, standardization);
    vectors.set(await multiply({ values, rows: rows.length / wide }, projection), start * width);
    await yieldToEventLoop();
  }
  const space = { count, width, vectors };
  return { ...space, density: await densities(space, yieldToEventLoop) };
}

/**
 * A matrix whose product with its transpose is the inverse of a kernel.
 * @param kernel [size, size]
 * @returns float32 [size, width], without directions that are noise
 */
function inverseRoot(kernel: Float64Array, size: number): { readonly map: Float32Array; readonly width: number } {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(Matrix.from1DArray(size, size, kernel), {
    assumeSymmetric: true,
  });
  const largest = Math.max(...realEigenvalues, 0);
  const kept = [...realEigenvalues.keys()].filter((k) => (realEigenvalues[k] ?? 0) > LEAST_EIGENVALUE * largest);
  const map = new Float32Array(size * Math.max(1, kept.length));
  for (let row = 0; row < size; row++)
    for (const [column, k] of kept.entries())
      map[row * kept.length + column] = eigenvectorMatrix.get(row, k) / Math.sqrt(realEigenvalues[k] ?? 0);
  return { map, width: Math.max(1, kept.length) };
}

/** The mean similarity of each image to its nearest ones. */
async function densities(space: Omit<FeatureSpace, 'density'>, yieldToEventLoop: () => Promise<void>): Promise<Float32Array> {
  const all = Array.from({ length: space.count }, (_, row) => row);
  const { width, similarities } = await nearestRows(space, { rows: all, among: all, most: NEIGHBOURS, yieldToEventLoop });
  return Float32Array.from(all, (row) => mean(similarities.subarray(row * width, (row + 1) * width)));
}
