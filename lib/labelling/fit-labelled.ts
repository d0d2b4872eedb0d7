import { argMax, at, at32 } from '../arithmetic.ts';
import { randomStream } from '../random.ts';
import type { FeatureSpace } from './feature-space.ts';
import { type Labelled, leaveOneOut, multiplyColumns, scoresOf, solveRidge } from './ridge.ts';

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
 * probabilities, are those with the best leave-one-out likelihood, which has a closed form.
 */
export function fitLabelled(space: FeatureSpace, labelled: Labelled): LabelledFit {
  const { classes, rows } = labelled;
  const size = space.width + 1;
  const sample = drawSample(labelled, MOST_ROWS);
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
  const leftOutCorrect = labelled.labels.map((label, i) => argMax(leftOut, i * classes, classes) === label);
  return { classes, probabilities, leftOutCorrect };
}

/** A random sample of labelled images that has one of each class, and else keeps the shares of the classes. */
function drawSample(labelled: Labelled, most: number): Labelled {
  const { rows, labels, classes } = labelled;
  if (rows.length <= most) return labelled;
  const order = randomStream(0, 'sample', rows.length).shuffle([...rows.keys()]);
  const members = Array.from({ length: classes }, (_, label) => order.filter((i) => labels[i] === label));
  // The images with the smallest positions among those of their class, as shares, are a stratified sample.
  const places = members.flatMap((own) => own.map((i, place) => ({ i, share: place / own.length })));
  const drawn = places.sort((a, b) => a.share - b.share).slice(0, most);
  return { rows: drawn.map(({ i }) => rows[i] ?? 0), labels: drawn.map(({ i }) => labels[i] ?? 0), classes };
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
