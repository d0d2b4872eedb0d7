import { z } from 'zod';
import { sum } from '../../arithmetic.ts';
import { closedFormModel, MOST_CHOOSING } from '../../contracts/closed-form-limits.ts';
import { randomStream } from '../../random.ts';
import { type Examples, everyRow } from '../examples.ts';
import type { Task } from '../losses/loss.ts';
import { chooseLogistic } from './choose-logistic.ts';
import { chooseRidge } from './choose-ridge.ts';
import { type FeatureBlock, withoutGrids } from './feature-block.ts';
import { type BlockWeighting, openKernelRows } from './kernel.ts';
import { centreTargets } from './scores.ts';

/** One linear classifier of several whose logits are averaged. */
export const MixtureTerm = z.strictObject({
  model: z.enum(['logistic', 'ridge']),
  /** Weight of all blocks alike, 0..1; the rest is the weight of the top block. */
  share: z.number(),
  /** Whether all blocks include those of quarters of maps. Absent in checkpoints of earlier versions. */
  withGrids: z.boolean().default(false),
  /**
   * Regularization strength: the coefficient of the squared norm of the weights. The kernel's mean diagonal is 1
   * without the intercept's 1.
   */
  ridge: z.number(),
  /** Factor that turns scores into logits; 1 for a logistic regression. */
  temperature: z.number(),
  /** 0..1; the weights of a mixture add up to 1. */
  weight: z.number(),
  /**
   * Mean negative log-likelihood of rows that the fit has not used: by cross-validation (logistic) or leave-one-out
   * (ridge). In nats for a row, which for multi-label is the sum over its labels, unlike losses that are reported.
   */
  loss: z.number(),
});
export type MixtureTerm = z.infer<typeof MixtureTerm>;

/** Terms with a smaller weight are dropped. */
const LEAST_WEIGHT = 0.01;
/**
 * Shares of all blocks to compare, and how much a lower loss raises a term's weight: exp(-rows * difference /
 * `caution`). The losses of several shares on the same rows are correlated, so the exact likelihood (2) would be
 * overconfident.
 */
const CANDIDATES = {
  logistic: { shares: [0, 0.5, 1], caution: 8 },
  ridge: { shares: [0, 0.3, 0.6, 1], caution: 2 },
};

export interface ClosedFormOptions {
  readonly task: Task;
  /** Blocks of the features' columns. */
  readonly blocks: readonly FeatureBlock[];
  /** [count]: the weight of each example. */
  readonly weights: Float64Array;
  /** Called between two steps of the work, each of which takes at most a few seconds. */
  readonly yieldToEventLoop: () => Promise<void>;
}

export interface MixtureOptions extends ClosedFormOptions {
  /** The rows that each fold leaves out: related images are in one fold. */
  readonly folds: readonly (readonly number[])[];
  /** The rows of each set of two or more related images; default: no images are related. */
  readonly related?: readonly (readonly number[])[];
  /** Weightings of the blocks to compare; default: several shares of all blocks, with and without quarters of maps. */
  readonly weightings?: readonly BlockWeighting[] | undefined;
  /** Number of examples that the mixture will be fitted to, at most; default: the given ones. It decides the model. */
  readonly fitted?: number;
  readonly seed: number;
}

/**
 * Chooses the strengths of linear classifiers on weighted blocks by the likelihood of rows that they were not fitted
 * to. Weights plausible classifiers by that likelihood instead of picking one. Uses logistic regressions for exclusive
 * classes while rows are few, otherwise ridge regressions.
 * @param examples inputs [width]
 * @throws DataError EXAMPLE_WEIGHTS_ZERO; RuntimeError FEATURES_NOT_FINITE
 */
export async function chooseMixture(
  examples: Examples,
  {
    task,
    blocks,
    weights: allWeights,
    folds,
    related = [],
    weightings,
    fitted: toFit = examples.count,
    seed,
    yieldToEventLoop,
  }: MixtureOptions,
): Promise<MixtureTerm[]> {
  // Rows without weight have no likelihood to compare.
  const all = everyRow(examples).filter((row) => (allWeights[row] ?? 1) > 0);
  const sample = all.length <= MOST_CHOOSING ? all : randomStream(seed, 'mixture').shuffle(all).slice(0, MOST_CHOOSING);
  const { inputs, targets } = await examples.gather(sample);
  const count = sample.length;
  const weights = Float64Array.from(sample, (row) => allWeights[row] ?? 1);
  const centred = centreTargets(targets, examples.classes, task, weights);
  const { kernelOf } = await openKernelRows(inputs, count, { blocks, yieldToEventLoop });
  const model = closedFormModel(task, toFit, examples.classes);
  const { shares, caution } = CANDIDATES[model];
  const indexOf = new Map(sample.map((row, index) => [row, index]));
  const inSample = (rows: readonly number[]): number[] => rows.flatMap((row) => indexOf.get(row) ?? []);
  const ofSample = folds.map(inSample);
  const relatedInSample = related.map(inSample).filter(({ length }) => length > 1);
  const ridgeProblem = { centred, targets, weights, task, related: relatedInSample, yieldToEventLoop };
  const logisticProblem = { targets, weights, folds: ofSample, yieldToEventLoop };
  const fitted: Omit<MixtureTerm, 'weight'>[] = [];
  for (const weighting of weightings ?? allWeightings(blocks, shares)) {
    const kernel = kernelOf(weighting);
    const choice =
      model === 'ridge'
        ? await chooseRidge(kernel, ridgeProblem)
        : { ...(await chooseLogistic(kernel, logisticProblem)), temperature: 1 };
    fitted.push({ model, ...weighting, ...choice });
    await yieldToEventLoop();
  }
  const least = Math.min(...fitted.map(({ loss }) => loss));
  const likelihoods = fitted.map(({ loss }) => Math.exp((-count / caution) * (loss - least)));
  const kept = fitted
    .map((term, index) => ({ ...term, weight: (likelihoods[index] ?? 0) / sum(likelihoods) }))
    .filter(({ weight }) => weight >= LEAST_WEIGHT);
  return kept.map((term) => ({ ...term, weight: term.weight / sum(kept.map(({ weight }) => weight)) }));
}

/** The weightings of blocks to compare; with one block, all are the same. Quarters of maps count in one more. */
function allWeightings(blocks: readonly FeatureBlock[], shares: readonly number[]): BlockWeighting[] {
  const means = (blocks.length > 1 ? shares : [0]).map((share) => ({ share, withGrids: false }));
  return withoutGrids(blocks).length < blocks.length ? [...means, { share: 1, withGrids: true }] : means;
}
