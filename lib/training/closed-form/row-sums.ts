import { at, at32 } from '../../arithmetic.ts';
import { addGram, packedSize } from './packed-gram.ts';
import { type ColumnMoments, columnMoments } from './standardize.ts';

/** First and second moments of weighted rows, apart from the products of pairs of columns. */
export interface RowMoments extends ColumnMoments {
  /** Sum of the rows' weights. */
  readonly weight: number;
  /** [width]: weighted means of the columns. */
  readonly centre: Float64Array;
  /** [classes]: weighted sums of the targets. */
  readonly targets: Float64Array;
  /** [classes, width]: weighted sums of a target times a column's difference from `centre`. */
  readonly products: Float64Array;
}

/**
 * All that a ridge regression needs to know of a set of rows. Products are taken of differences from the rows' own
 * means, because products of the columns themselves lose the digits in which a column with a large mean varies.
 */
export interface RowSums extends RowMoments {
  /**
   * Packed lower triangle [width * (width + 1) / 2]: weighted sums of products of two columns' differences from
   * `centre`.
   */
  readonly scatter: Float64Array;
}

/** Rows to sum: inputs float32 [count, width], targets float32 [count, classes], weights [count]. */
export interface WeightedRows {
  readonly inputs: Float32Array;
  readonly targets: Float32Array;
  readonly weights: Float64Array;
}

/** The sums of no rows. */
export function emptySums(width: number, classes: number): RowSums {
  return {
    count: 0,
    mean: new Float64Array(width),
    squares: new Float64Array(width),
    weight: 0,
    centre: new Float64Array(width),
    targets: new Float64Array(classes),
    products: new Float64Array(classes * width),
    scatter: new Float64Array(packedSize(width)),
  };
}

/**
 * Adds rows to sums. Products of pairs of columns are summed over a few rows in float32 (an error of about 1e-7 of the
 * product of the columns' deviations), everything else in float64.
 * @param sums its arrays are changed
 * @throws RuntimeError FEATURES_NOT_FINITE
 */
export async function addRows(sums: RowSums, rows: WeightedRows): Promise<RowSums> {
  const moments = rowMoments(rows);
  const { differences, factors } = weightedDifferences(rows, moments.centre);
  await addGram(differences, factors, sums.scatter);
  return { ...joinMoments(sums, moments, 1), scatter: sums.scatter };
}

/**
 * Adds the sums of other rows, or removes them.
 * @param sums its arrays are changed
 * @param sign -1 removes rows that `sums` contains
 */
export function joinSums(sums: RowSums, other: RowSums, sign: 1 | -1): RowSums {
  const { scatter } = sums;
  for (let i = 0; i < scatter.length; i++) scatter[i] = at(scatter, i) + sign * at(other.scatter, i);
  return { ...joinMoments(sums, other, sign), scatter };
}

/** Copies sums, so that the copy's arrays may be changed. */
export function copySums(sums: RowSums): RowSums {
  return {
    ...sums,
    mean: sums.mean.slice(),
    squares: sums.squares.slice(),
    centre: sums.centre.slice(),
    targets: sums.targets.slice(),
    products: sums.products.slice(),
    scatter: sums.scatter.slice(),
  };
}

function rowMoments({ inputs, targets, weights }: WeightedRows): RowMoments {
  const count = weights.length;
  const width = inputs.length / count;
  const classes = targets.length / count;
  const columns = columnMoments(inputs, count);
  let weight = 0;
  const centre = new Float64Array(width);
  for (let row = 0; row < count; row++) {
    const own = at(weights, row);
    weight += own;
    // Differences from the mean, so that equal weights give the mean exactly.
    for (let column = 0, i = row * width; column < width; column++, i++)
      centre[column] = at(centre, column) + own * (at32(inputs, i) - at(columns.mean, column));
  }
  for (let column = 0; column < width; column++)
    centre[column] = at(columns.mean, column) + (weight === 0 ? 0 : at(centre, column) / weight);
  const sums = new Float64Array(classes);
  const products = new Float64Array(classes * width);
  for (let row = 0; row < count; row++)
    for (let label = 0; label < classes; label++) {
      const target = at(weights, row) * at32(targets, row * classes + label);
      if (target === 0) continue;
      sums[label] = at(sums, label) + target;
      for (let column = 0, i = row * width, to = label * width; column < width; column++, i++, to++)
        products[to] = at(products, to) + target * (at32(inputs, i) - at(centre, column));
    }
  return { ...columns, weight, centre, targets: sums, products };
}

/**
 * Adds or removes moments by the formulas of Chan, Golub & LeVeque (1983), and corrects the scatter of `sums` for the
 * difference of the means. The scatter of `other` is the caller's to add.
 * @param sums its arrays are changed
 */
function joinMoments(sums: RowSums, other: RowMoments, sign: 1 | -1): RowMoments {
  const { mean, squares, centre, targets, products, scatter } = sums;
  const width = mean.length;
  const classes = targets.length;
  const count = sums.count + sign * other.count;
  const ofCounts = shareOf(sums.count, sign * other.count);
  for (let column = 0; column < width; column++) {
    const difference = at(other.mean, column) - at(mean, column);
    const before = at(squares, column);
    const after = before + sign * at(other.squares, column) + difference ** 2 * ofCounts.between;
    // A column that is constant without the removed rows is left with rounding errors alone.
    squares[column] = sign < 0 && after < REMAINDER * before ? 0 : after;
    mean[column] = at(mean, column) + difference * ofCounts.share;
  }

  const weight = sums.weight + sign * other.weight;
  const ofWeights = shareOf(sums.weight, sign * other.weight);
  const differences = other.centre.map((value, column) => value - at(centre, column));
  for (let label = 0; label < classes; label++) {
    const ofOther = other.weight === 0 ? 0 : at(other.targets, label) / other.weight;
    const own = sums.weight === 0 ? 0 : at(targets, label) / sums.weight;
    for (let column = 0, i = label * width; column < width; column++, i++)
      products[i] =
        at(products, i) + sign * at(other.products, i) + ofWeights.between * at(differences, column) * (ofOther - own);
    targets[label] = at(targets, label) + sign * at(other.targets, label);
  }
  for (let row = 0, i = 0; row < width; row++) {
    const factor = ofWeights.between * at(differences, row);
    for (let column = 0; column <= row; column++, i++) scatter[i] = at(scatter, i) + factor * at(differences, column);
  }
  for (let column = 0; column < width; column++) centre[column] = at(centre, column) + at(differences, column) * ofWeights.share;
  return { count, mean, squares, weight, centre, targets, products };
}

/** A sum of squares that is smaller than this share of the sum from which rows were removed is a rounding error. */
const REMAINDER = 1e-12;

/** What rows that are added or removed mean for the moments of all rows. */
interface RowShare {
  /** The share of the difference of the means by which the mean moves. */
  readonly share: number;
  /** The factor of the square of this difference in the squares of all rows. */
  readonly between: number;
}

/**
 * @param own number or weight of the rows so far
 * @param other number or weight of the rows that are added; below 0: removed
 */
function shareOf(own: number, other: number): RowShare {
  if (own === 0) return { share: 1, between: 0 };
  const total = own + other;
  if (total === 0) return { share: 0, between: 0 };
  const share = other / total;
  return { share, between: own * share };
}

/**
 * Subtracts a mean from each column, weights the rows, and scales each column by a power of two to at most 1, so that
 * no product leaves the range of float32.
 * @returns `differences` float32 [count, width]; a product of two columns times both of their `factors` [width] is the
 * product before scaling
 */
function weightedDifferences({ inputs, weights }: WeightedRows, centre: Float64Array) {
  const width = centre.length;
  const roots = weights.map(Math.sqrt);
  const largest = new Float64Array(width);
  for (let row = 0; row < roots.length; row++)
    for (let column = 0, i = row * width; column < width; column++, i++)
      largest[column] = Math.max(at(largest, column), Math.abs(at32(inputs, i) - at(centre, column)) * at(roots, row));
  const factors = largest.map((value) => (value === 0 ? 1 : 2 ** Math.ceil(Math.log2(value))));
  const differences = new Float32Array(inputs.length);
  for (let row = 0; row < roots.length; row++)
    for (let column = 0, i = row * width; column < width; column++, i++)
      differences[i] = ((at32(inputs, i) - at(centre, column)) * at(roots, row)) / at(factors, column);
  return { differences, factors };
}
