import { at } from '../../arithmetic.ts';
import { addToDiagonal, dot, factorizeRow } from '../closed-form/linear-algebra.ts';
import type { FeatureSpace } from './feature-space.ts';

/** Strengths to choose from by leave-one-out likelihood. */
const RIDGES = [0.01, 0.05, 0.2, 1];
/** 1 to 64, two per octave: factors that turn scores into logits. */
const TEMPERATURES = Array.from({ length: 13 }, (_, step) => 2 ** (step / 2));
/** Most rows that the strength is chosen on. */
const MOST_ROWS = 500;

/** The labels of some images. */
export interface Labelled {
  /** Rows of the space. */
  readonly rows: readonly number[];
  /** The class number of each of them. */
  readonly labels: readonly number[];
  readonly classes: number;
}

/** A classifier of all images of a space, fitted to the labelled ones. */
export interface LabelledFit {
  readonly classes: number;
  /** float32 [count, classes], for all images of the space. */
  readonly probabilities: Float32Array;
  /** For each labelled image: whether the fit to all other ones predicts its label. */
  readonly leftOutCorrect: readonly boolean[];
}

/**
 * Fits a ridge regression to the labelled images, in a fraction of a second. Its strength, and the temperature of its
 * probabilities, are those with the best leave-one-out likelihood, which has a closed form.
 */
export function fitLabelled(space: FeatureSpace, labelled: Labelled): LabelledFit {
  const { classes, rows } = labelled;
  const size = space.width + 1;
  const sample = rows.length <= MOST_ROWS ? labelled : lastOf(labelled, MOST_ROWS);
  const products = multiplyColumns(space, sample);
  let best = { ridge: 0, temperature: 1, loss: Number.POSITIVE_INFINITY };
  for (const ridge of RIDGES) {
    const scores = leaveOneOut(space, sample, solveRidge(products, size, ridge));
    for (const temperature of TEMPERATURES) {
      const loss = meanLoss(scores, sample.labels, classes, temperature);
      if (loss < best.loss) best = { ridge, temperature, loss };
    }
  }
  const fit = solveRidge(sample === labelled ? products : multiplyColumns(space, labelled), size, best.ridge);
  const probabilities = new Float32Array(space.count * classes);
  const scores = new Float64Array(classes);
  for (let row = 0; row < space.count; row++) {
    scoresOf(space, row, fit.coefficients, scores);
    softmax(scores, best.temperature, probabilities, row * classes);
  }
  limitCertainty(probabilities, classes, rows.length);
  const leftOut = leaveOneOut(space, labelled, fit);
  const leftOutCorrect = labelled.labels.map((label, i) => largest(leftOut, i * classes, classes) === label);
  return { classes, probabilities, leftOutCorrect };
}

/** The images that were named last. */
function lastOf({ rows, labels, classes }: Labelled, most: number): Labelled {
  return { rows: rows.slice(-most), labels: labels.slice(-most), classes };
}

/** Products of the columns of labelled images, the intercept's 1 last. */
interface ColumnProducts {
  /** The lower triangle, [width + 1, width + 1]. */
  readonly matrix: Float64Array;
  /** Products with the targets of each class, [classes][width + 1]. */
  readonly right: readonly Float64Array[];
}

function multiplyColumns(space: FeatureSpace, { rows, labels, classes }: Labelled): ColumnProducts {
  const size = space.width + 1;
  const matrix = new Float64Array(size * size);
  const right = Array.from({ length: classes }, () => new Float64Array(size));
  const x = new Float64Array(size);
  for (const [i, row] of rows.entries()) {
    vectorOf(space, row, x);
    for (let a = 0; a < size; a++) {
      const value = at(x, a);
      for (let b = 0; b <= a; b++) matrix[a * size + b] = at(matrix, a * size + b) + value * at(x, b);
    }
    for (const [label, sums] of right.entries()) {
      const target = (label === labels[i] ? 1 : 0) - 1 / classes;
      for (let a = 0; a < size; a++) sums[a] = at(sums, a) + target * at(x, a);
    }
  }
  return { matrix, right };
}

interface RidgeFit {
  /** [classes][width + 1], the intercept last. */
  readonly coefficients: readonly Float64Array[];
  /** The inverse of the Cholesky factor, [width + 1, width + 1]. */
  readonly inverse: Float64Array;
}

function solveRidge({ matrix, right }: ColumnProducts, size: number, ridge: number): RidgeFit {
  const factor = Float64Array.from(matrix);
  addToDiagonal(factor, size, ridge);
  for (let row = 0; row < size; row++) factorizeRow(factor, size, row);
  const inverse = invertLower(factor, size);
  return { inverse, coefficients: right.map((sums) => throughBoth(inverse, size, sums)) };
}

/** The inverse of a lower triangular matrix. */
function invertLower(factor: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    const pivot = at(factor, row * size + row);
    for (let k = 0; k < row; k++) {
      const value = at(factor, row * size + k);
      for (let column = 0; column <= k; column++)
        inverse[row * size + column] = at(inverse, row * size + column) - value * at(inverse, k * size + column);
    }
    for (let column = 0; column < row; column++) inverse[row * size + column] = at(inverse, row * size + column) / pivot;
    inverse[row * size + row] = 1 / pivot;
  }
  return inverse;
}

/** The solution of the symmetric system whose factor's inverse is given. */
function throughBoth(inverse: Float64Array, size: number, right: Float64Array): Float64Array {
  const solution = new Float64Array(size);
  for (let row = 0; row < size; row++) {
    const value = dot(inverse, right, row + 1, row * size, 0);
    for (let column = 0; column <= row; column++)
      solution[column] = at(solution, column) + value * at(inverse, row * size + column);
  }
  return solution;
}

/** Scores of each labelled image by the fit to all others, [rows, classes]. */
function leaveOneOut(
  space: FeatureSpace,
  { rows, labels, classes }: Labelled,
  { inverse, coefficients }: RidgeFit,
): Float64Array {
  const size = space.width + 1;
  const scores = new Float64Array(rows.length * classes);
  const own = new Float64Array(classes);
  const x = new Float64Array(size);
  for (const [i, row] of rows.entries()) {
    vectorOf(space, row, x);
    let leverage = 0;
    for (let k = 0; k < size; k++) leverage += dot(inverse, x, k + 1, k * size, 0) ** 2;
    scoresOf(space, row, coefficients, own);
    for (let label = 0; label < classes; label++) {
      const target = (label === labels[i] ? 1 : 0) - 1 / classes;
      scores[i * classes + label] = target - (target - at(own, label)) / Math.max(1 - leverage, 1e-6);
    }
  }
  return scores;
}

function vectorOf({ vectors, width }: FeatureSpace, row: number, x: Float64Array): void {
  x.set(vectors.subarray(row * width, (row + 1) * width));
  x[width] = 1;
}

function scoresOf(
  { vectors, width }: FeatureSpace,
  row: number,
  coefficients: readonly Float64Array[],
  scores: Float64Array,
): void {
  for (const [label, weights] of coefficients.entries()) {
    let sum = at(weights, width);
    for (let k = 0, i = row * width; k < width; k++, i++) sum += at(vectors, i) * at(weights, k);
    scores[label] = sum;
  }
}

function softmax(scores: Float64Array, temperature: number, into: Float32Array, start: number): void {
  const most = Math.max(...scores);
  let total = 0;
  for (const score of scores) total += Math.exp(temperature * (score - most));
  for (const [label, score] of scores.entries()) into[start + label] = Math.exp(temperature * (score - most)) / total;
}

/** Mixes in equal shares, which weigh as much as two labels: few labels support no certainty, however clear they are. */
function limitCertainty(probabilities: Float32Array, classes: number, labels: number): void {
  const share = 2 / (labels + 2);
  for (let i = 0; i < probabilities.length; i++) probabilities[i] = (1 - share) * at(probabilities, i) + share / classes;
}

function meanLoss(scores: Float64Array, labels: readonly number[], classes: number, temperature: number): number {
  let total = 0;
  for (const [i, label] of labels.entries()) {
    const own = scores.subarray(i * classes, (i + 1) * classes);
    const most = Math.max(...own);
    let sum = 0;
    for (const score of own) sum += Math.exp(temperature * (score - most));
    total += Math.log(sum) - temperature * (at(own, label) - most);
  }
  return total / labels.length;
}

/** The index of the largest of some values, from 0. */
export function largest(values: ArrayLike<number>, start: number, count: number): number {
  let best = 0;
  for (let k = 1; k < count; k++) if (at(values, start + k) > at(values, start + best)) best = k;
  return best;
}
