import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { z } from 'zod';
import { at, sum } from '../../arithmetic.ts';
import { randomStream } from '../../random.ts';
import type { Examples } from '../examples.ts';
import type { Task } from '../losses/loss.ts';
import type { FeatureBlock } from './feature-block.ts';
import { mixedKernels } from './kernel.ts';
import { type CentredTargets, centreTargets, meanLoss } from './scores.ts';
import { applyStandardization, openMoments } from './standardize.ts';

/** One ridge regression of several whose logits are averaged. */
export const MixtureTerm = z.strictObject({
  /** Of all blocks alike, 0..1; the rest is the top block's. */
  share: z.number(),
  /** Added to the diagonal of the kernel, whose mean diagonal is 1 without the intercept's 1. */
  ridge: z.number(),
  /** What scores are multiplied by to become logits. */
  temperature: z.number(),
  /** 0..1; the weights of a mixture add up to 1. */
  weight: z.number(),
  /** Leave-one-out negative log-likelihood. */
  loss: z.number(),
});
export type MixtureTerm = z.infer<typeof MixtureTerm>;

const SHARES = [0, 0.3, 0.6, 1];
/** 0.001 to 5.6, four to a decade. */
const RIDGES = Array.from({ length: 16 }, (_, step) => 10 ** (-3 + step / 4));
/** 1.4 to 64, two to an octave. */
const TEMPERATURES = Array.from({ length: 12 }, (_, step) => 2 ** (0.5 + step / 2));
/** Rows that the choice looks at: the work grows with their third power, and what they say of a strength hardly changes. */
const MOST_ROWS = 400;
/** Terms that would count less are left out. */
const LEAST_WEIGHT = 0.01;

export interface ClosedFormOptions {
  readonly task: Task;
  /** Of the features' columns. */
  readonly blocks: readonly FeatureBlock[];
  /** [count]: how much each example counts. */
  readonly weights: Float64Array;
  /** Called between two parts of the work, each of which takes some seconds at most. */
  readonly yieldToEventLoop: () => Promise<void>;
}

/**
 * Chooses the strengths of ridge regressions by their leave-one-out likelihood, which has a closed form from one eigendecomposition (Rasmussen &
 * Williams, Gaussian Processes for Machine Learning, 5.4.2), and weighs plausible ones by it rather than picking one.
 * @param examples inputs [width]
 */
export async function chooseMixture(
  examples: Examples,
  { task, blocks, weights: allWeights, seed, yieldToEventLoop }: ClosedFormOptions & { readonly seed: number },
): Promise<MixtureTerm[]> {
  const everyRow = Array.from({ length: examples.count }, (_, row) => row);
  const sample = examples.count <= MOST_ROWS ? everyRow : randomStream(seed, 'mixture').shuffle(everyRow).slice(0, MOST_ROWS);
  const { inputs, targets } = await examples.gather(sample);
  const count = sample.length;
  const weights = Float64Array.from(sample, (row) => allWeights[row] ?? 1);
  const moments = openMoments(inputs.length / count);
  moments.add(inputs, count);
  const rows = applyStandardization(inputs, count, moments.standardize(blocks));
  const kernelOf = await mixedKernels(rows, count, blocks, yieldToEventLoop);
  const centred = centreTargets(targets, examples.classes, task, weights);
  // Of one block all shares are the same.
  const shares = blocks.length > 1 ? SHARES : [0];
  const problem = { centred, targets, weights, task };
  const fitted: Omit<MixtureTerm, 'weight'>[] = [];
  for (const share of shares) {
    fitted.push({ share, ...bestRidge(kernelOf(share), problem) });
    await yieldToEventLoop();
  }
  const least = Math.min(...fitted.map(({ loss }) => loss));
  const likelihoods = fitted.map(({ loss }) => Math.exp((-count / 2) * (loss - least)));
  const kept = fitted
    .map((term, index) => ({ ...term, weight: (likelihoods[index] ?? 0) / sum(likelihoods) }))
    .filter(({ weight }) => weight >= LEAST_WEIGHT);
  return kept.map((term) => ({ ...term, weight: term.weight / sum(kept.map(({ weight }) => weight)) }));
}

interface RidgeProblem {
  readonly centred: CentredTargets;
  readonly targets: Float32Array;
  readonly weights: Float64Array;
  readonly task: Task;
}

/** @param kernel [count, count], without the intercept */
function bestRidge(kernel: Float64Array, problem: RidgeProblem): Pick<MixtureTerm, 'ridge' | 'temperature' | 'loss'> {
  const { centred, weights } = problem;
  const count = weights.length;
  const classes = centred.centre.length;
  const roots = weights.map(Math.sqrt);
  const weighted = kernel.map((value, i) => (value + 1) * at(roots, Math.floor(i / count)) * at(roots, i % count));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(Matrix.from1DArray(count, count, weighted), {
    assumeSymmetric: true,
  });
  const vectors = Float64Array.from(eigenvectorMatrix.to1DArray());
  const rotated = new Float64Array(count * classes);
  for (let row = 0; row < count; row++)
    for (let k = 0; k < count; k++)
      for (let c = 0; c < classes; c++)
        rotated[k * classes + c] =
          at(rotated, k * classes + c) + at(vectors, row * count + k) * at(roots, row) * at(centred.values, row * classes + c);

  let best = { ridge: 0, temperature: 0, loss: Number.POSITIVE_INFINITY };
  for (const ridge of RIDGES) {
    const scores = leftOut(ridge);
    for (const temperature of TEMPERATURES) {
      const loss = meanLoss(scores, temperature, { ...problem, offset: centred.offset });
      if (loss < best.loss) best = { ridge, temperature, loss };
    }
  }
  return best;

  /** What a ridge regression says of each row that was fitted to all others, [count, classes]. */
  function leftOut(ridge: number): Float64Array {
    const gains = Float64Array.from(realEigenvalues, (value) => 1 / (Math.max(0, value) + ridge));
    const scores = new Float64Array(count * classes);
    const dual = new Float64Array(classes);
    for (let row = 0; row < count; row++) {
      dual.fill(0);
      let own = 0;
      for (let k = 0; k < count; k++) {
        const component = at(vectors, row * count + k);
        const gained = component * at(gains, k);
        own += component * gained;
        for (let c = 0; c < classes; c++) dual[c] = at(dual, c) + gained * at(rotated, k * classes + c);
      }
      const root = at(roots, row);
      for (let c = 0; c < classes; c++)
        scores[row * classes + c] = at(centred.values, row * classes + c) - (root === 0 ? 0 : at(dual, c) / own / root);
    }
    return scores;
  }
}
