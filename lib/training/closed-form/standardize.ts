import { at, sum } from '../../arithmetic.ts';
import type { FeatureBlock } from './feature-block.ts';

/** How each column is centred and scaled. */
export interface Standardization {
  /** [width] */
  readonly mean: Float64Array;
  /** [width]: 0 for the columns of a block that is equal in all rows. */
  readonly scale: Float64Array;
}

/** Means and variances of columns, accumulated in parts. */
export interface Moments {
  /** @param features float32 [count, width] */
  add(features: Float32Array, count: number): void;
  /**
   * Centres each column, scales it to a standard deviation of about 1, and scales each block to rows with a mean
   * squared length of 1, so that all blocks have the same weight, whatever their number of channels.
   */
  standardize(blocks: readonly FeatureBlock[]): Standardization;
}

/**
 * Added to each column's standard deviation, relative to the block's mean deviation. Otherwise a column that is nearly
 * constant in the rows of the fit, and not in others, would dominate there. Compared with 0.001, 0.1 lowered the test
 * loss in all 10 splits of brain-mri (0.375 to 0.339) and all 4 of steel-defects (0.014 to 0.012).
 */
const FLOOR = 0.1;

/** Merges parts by Chan, Golub & LeVeque (1983), which is exact up to rounding, whatever the means. */
export function openMoments(width: number): Moments {
  const mean = new Float64Array(width);
  const squares = new Float64Array(width);
  let rows = 0;
  return {
    add(features, count) {
      const total = rows + count;
      for (let column = 0; column < width; column++) {
        let partMean = 0;
        for (let i = column; i < count * width; i += width) partMean += at(features, i) / count;
        let partSquares = 0;
        for (let i = column; i < count * width; i += width) partSquares += (at(features, i) - partMean) ** 2;
        const difference = partMean - at(mean, column);
        mean[column] = at(mean, column) + (difference * count) / total;
        squares[column] = at(squares, column) + partSquares + (difference ** 2 * rows * count) / total;
      }
      rows = total;
    },
    standardize(blocks) {
      const deviations = squares.map((sumOfSquares) => Math.sqrt(sumOfSquares / Math.max(1, rows)));
      const scale = new Float64Array(width);
      for (const { start, size } of blocks) scale.set(blockScale(deviations.subarray(start, start + size)), start);
      return { mean, scale };
    },
  };
}

/** @param deviations of a block's columns @returns the factor of each column */
function blockScale(deviations: Float64Array): Float64Array {
  const floor = (FLOOR * sum(deviations)) / Math.max(1, deviations.length);
  if (floor === 0) return new Float64Array(deviations.length);
  const scales = deviations.map((deviation) => 1 / (deviation + floor));
  const squaredLength = sum(scales.map((scale, column) => (scale * at(deviations, column)) ** 2));
  return scales.map((scale) => scale / Math.sqrt(squaredLength));
}

/** Standardizes rows, float32 [count, width]. @param features float32 [count, width] */
export function applyStandardization(features: Float32Array, count: number, { mean, scale }: Standardization): Float32Array {
  const width = mean.length;
  const rows = new Float32Array(count * width);
  for (let row = 0; row < count; row++)
    for (let column = 0, i = row * width; column < width; column++, i++)
      rows[i] = (at(features, i) - at(mean, column)) * at(scale, column);
  return rows;
}
