import { setImmediate as nextTurn } from 'node:timers/promises';
import { argMax, at, at32 } from '../arithmetic.ts';
import { randomStream } from '../random.ts';
import type { FeatureSpace } from './feature-space.ts';
import {
  type ColumnProducts,
  fitRidge,
  imageColumns,
  type Labelled,
  leaveOut,
  leveragesOf,
  multiplyColumns,
  ROWS_AT_ONCE,
  scoresOf,
} from './ridge.ts';

/** Strengths to choose from by leave-one-out likelihood. */
const RIDGES = [0.01, 0.05, 0.2, 1];
/** 1 to 64, two per octave: factors that turn scores into logits. */
const TEMPERATURES = Array.from({ length: 13 }, (_, step) => 2 ** (step / 2));
/** Most rows that the strength and the temperature are chosen on: a stratified sample. */
const MOST_ROWS = 500;

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
 * probabilities, are those with the best leave-one-out likelihood, which has a closed form. It yields to the event loop.
 */
export async function fitLabelled(space: FeatureSpace, labelled: Labelled): Promise<LabelledFit> {
  const { classes, rows, labels } = labelled;
  const sample = drawSample(labelled, MOST_ROWS);
  const products = await multiplyColumns(space, sample);
  const { ridge, temperature } = await chooseRidge(space, sample, products);
  const all = sample === labelled ? products : await multiplyColumns(space, labelled);
  const fit = await fitRidge(all, space.width + 1, ridge);
  const probabilities = new Float32Array(space.count * classes);
  const leftOutCorrect = Array.from(labels, () => false);
  const byBlock = Map.groupBy(rows.keys(), (i) => Math.floor((rows[i] ?? 0) / ROWS_AT_ONCE));
  for (let start = 0; start < space.count; start += ROWS_AT_ONCE) {
    const count = Math.min(ROWS_AT_ONCE, space.count - start);
    const block = Array.from({ length: count }, (_, row) => start + row);
    const scores = await scoresOf(imageColumns(space, block), fit);
    const fitted = byBlock.get(start / ROWS_AT_ONCE) ?? [];
    const leverages = await leveragesOf(imageColumns(space, pick(rows, fitted)), fit);
    for (const [k, i] of fitted.entries()) {
      const [row, label] = [(rows[i] ?? 0) - start, labels[i] ?? 0];
      const own = scores.slice(row * classes, (row + 1) * classes);
      leaveOut(own, label, at(leverages, k));
      leftOutCorrect[i] = argMax(own) === label;
    }
    for (let row = 0; row < count; row++)
      softmax(scores.subarray(row * classes, (row + 1) * classes), temperature, probabilities, (start + row) * classes);
    await nextTurn();
  }
  limitCertainty(probabilities, classes, rows.length);
  return { classes, probabilities, leftOutCorrect };
}

/** Chooses the strength, and the temperature of the probabilities, by the leave-one-out likelihood of a sample. */
async function chooseRidge(
  space: FeatureSpace,
  { rows, labels, classes }: Labelled,
  products: ColumnProducts,
): Promise<{ readonly ridge: number; readonly temperature: number }> {
  const columns = imageColumns(space, rows);
  let best = { ridge: 0, temperature: 1, loss: Number.POSITIVE_INFINITY };
  for (const ridge of RIDGES) {
    const fit = await fitRidge(products, space.width + 1, ridge);
    const [scores, leverages] = [await scoresOf(columns, fit), await leveragesOf(columns, fit)];
    for (const [i, label] of labels.entries()) leaveOut(scores.subarray(i * classes, (i + 1) * classes), label, at(leverages, i));
    for (const temperature of TEMPERATURES) {
      const loss = meanLoss(scores, labels, classes, temperature);
      if (loss < best.loss) best = { ridge, temperature, loss };
      await nextTurn();
    }
  }
  return best;
}

/** A random sample of labelled images that keeps the shares of the classes, with one of each class if there is room. */
export function drawSample(labelled: Labelled, most: number): Labelled {
  const { rows, labels, classes } = labelled;
  if (rows.length <= most) return labelled;
  const order = randomStream(0, 'sample', rows.length).shuffle([...rows.keys()]);
  const counts = new Float64Array(classes);
  for (const label of labels) counts[label] = at(counts, label) + 1;
  // The images with the smallest positions among those of their class, as shares, are a stratified sample. Equal shares
  // stay in random order, so that of many classes not only the first ones are drawn.
  const before = new Float64Array(classes);
  const shares = order.map((i) => {
    const label = labels[i] ?? 0;
    const share = at(before, label) / at(counts, label);
    before[label] = at(before, label) + 1;
    return { i, share };
  });
  const drawn = shares
    .sort((a, b) => a.share - b.share)
    .slice(0, most)
    .map(({ i }) => i);
  return { rows: pick(rows, drawn), labels: pick(labels, drawn), classes };
}

function pick(values: readonly number[], indexes: readonly number[]): number[] {
  return indexes.map((index) => values[index] ?? 0);
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
  for (let i = 0; i < probabilities.length; i++) probabilities[i] = (1 - share) * at32(probabilities, i) + share / classes;
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
