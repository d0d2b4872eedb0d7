import { at, at32 } from '../arithmetic.ts';
import { randomStream } from '../random.ts';
import { multiply } from '../training/closed-form/matrix-products.ts';
import { gatherRows } from '../training/examples.ts';
import type { FeatureSpace } from './feature-space.ts';
import type { LabelledFit } from './fit-labelled.ts';
import { cosine, unitVectors } from './unit-vectors.ts';

/** Weight of an image in the sparsest region, relative to one in the densest. */
const SPARSE = 1 / 6;
/** Most candidates that are compared with the labelled images: the work grows with the product of their numbers. */
const MOST_COMPARED = 400;
/** Labelled images to compare with all candidates at once. */
const BLOCK = 4096;

/**
 * Chooses the images whose labels are the most informative. The score of an image is the product of three: how uncertain
 * the fit is of it (one minus the margin between the two most probable classes), how dense its surroundings are, and how
 * far it is from the images that are labelled or chosen. Without a fit, the last two choose typical images of all kinds.
 * docs/labelling.md has the comparison with other rules.
 * @param labelled rows of the space @param candidates rows to choose from
 * @returns up to `count` rows, the most informative first
 */
export async function chooseNext(
  space: FeatureSpace,
  fit: LabelledFit | undefined,
  {
    labelled,
    candidates,
    count,
  }: { readonly labelled: readonly number[]; readonly candidates: readonly number[]; readonly count: number },
): Promise<number[]> {
  const directions = unitVectors(space);
  const known = valueCandidates(space, fit, { candidates, count });
  const nearest = await largestCosines(
    space,
    known.map(({ row }) => row),
    labelled,
  );
  const chosen: number[] = [];
  const isChosen = new Uint8Array(known.length);
  while (chosen.length < Math.min(count, known.length)) {
    let best = -1;
    let bestScore = Number.NEGATIVE_INFINITY;
    for (const [i, { value }] of known.entries()) {
      const score = value * (1 - at(nearest, i));
      if (isChosen[i] === 1 || score <= bestScore) continue;
      best = i;
      bestScore = score;
    }
    const row = known[best]?.row ?? 0;
    isChosen[best] = 1;
    chosen.push(row);
    for (const [i, { row: candidate }] of known.entries())
      nearest[i] = Math.max(at(nearest, i), cosine(directions, space.width, row, candidate));
  }
  return chosen;
}

/** The largest cosine of each row to any of the others, at least 0. */
async function largestCosines(space: FeatureSpace, rows: readonly number[], others: readonly number[]): Promise<Float64Array> {
  const { width } = space;
  const directions = unitVectors(space);
  const own = { values: gatherRows(directions, width, rows), rows: rows.length };
  const largest = new Float64Array(rows.length);
  for (let start = 0; start < others.length && rows.length > 0; start += BLOCK) {
    const some = others.slice(start, start + BLOCK);
    const cosines = await multiply(own, { values: gatherRows(directions, width, some), rows: some.length }, 'second');
    for (const i of rows.keys())
      for (let k = i * some.length; k < (i + 1) * some.length; k++) largest[i] = Math.max(at(largest, i), at32(cosines, k));
  }
  return largest;
}

/** The candidates with uncertainty times density: a random sample without a fit, else those with the largest product. */
function valueCandidates(
  space: FeatureSpace,
  fit: LabelledFit | undefined,
  { candidates, count }: { readonly candidates: readonly number[]; readonly count: number },
): { readonly row: number; readonly value: number }[] {
  const most = Math.max(MOST_COMPARED, count);
  const considered = fit === undefined ? drawCandidates(candidates, most) : candidates;
  const density = relativeDensity(space, considered);
  const valued = considered.map((row, i) => {
    return { row, value: (fit === undefined ? 1 : 1 - marginOf(fit, row)) * (SPARSE + (1 - SPARSE) * at(density, i)) };
  });
  return valued.sort((a, b) => b.value - a.value).slice(0, most);
}

/** At most this many of the rows, the same each time: the densest ones alone would all be of one kind. */
export function drawCandidates(rows: readonly number[], most: number): readonly number[] {
  if (rows.length <= most) return rows;
  return randomStream(0, 'candidates', rows.length).shuffle(rows).slice(0, most);
}

/** The difference between the two largest probabilities of an image, 0..1. */
export function marginOf({ probabilities, classes }: LabelledFit, row: number): number {
  let [first, second] = [0, 0];
  for (let k = row * classes; k < (row + 1) * classes; k++) {
    const value = at32(probabilities, k);
    if (value > first) [first, second] = [value, first];
    else if (value > second) second = value;
  }
  return first - second;
}

/** The density of each candidate on a scale from 0, the sparsest image of the space, to 1, the densest. */
function relativeDensity({ density }: FeatureSpace, candidates: readonly number[]): Float64Array {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of density) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return Float64Array.from(candidates, (row) => (most > least ? (at32(density, row) - least) / (most - least) : 1));
}
