import { z } from 'zod';
import { sum } from '../../arithmetic.ts';
import { assignFolds, countGroups, type Fold } from '../../datasets/splits/assign-folds.ts';
import { trainAndValidationRows } from '../../datasets/splits/split-dataset.ts';
import { COMPARISON_FOLDS, ENOUGH_VALIDATION_IMAGES } from '../../heads/calibration-folds.ts';
import { listCheckpointNames } from '../../jobs/attempt-checkpoints.ts';
import { loadOrCompute } from '../../jobs/computed-once.ts';
import { freeVariables } from '../../tensor/free-variables.ts';
import { subsetOf } from '../../training/examples.ts';
import { predictLogits } from '../../training/predict-logits.ts';
import { joinHeldOutScores } from '../held-out-scores.ts';
import type { FineTunedNetwork, HeldOutScores, TrainedHead } from '../network.ts';
import { oncePerTrial } from '../once-per-trial.ts';
import { lossOf, stage, type TrainingContext } from '../training-context.ts';
import { unlessOutOfMemory } from '../unless-failed.ts';
import { foldsWithinBudget, foldsWithinLimit } from './tuning-limits.ts';

/** Scores of the same images by two networks, neither of which was trained on them. */
export interface ComparedScores {
  readonly frozen: HeldOutScores;
  readonly tuned: HeldOutScores;
}

/**
 * Scores a fine-tuned network and a frozen one on the training and validation images by cross-validation, where the
 * validation images alone are too few to compare them. Each fold repeats the recipe of both. Where time is short, only
 * the first folds are scored. An interrupted attempt continues from the scores of finished folds.
 * @returns undefined if there are enough validation images, or no time, or not enough memory, or fewer groups of related
 *   images than folds, or fewer images in the folds that are scored than validation images
 * @throws as trainPhases and unlessOutOfMemory
 */
export async function scoreByFolds(
  frozen: TrainedHead,
  tuned: FineTunedNetwork,
  context: TrainingContext,
): Promise<ComparedScores | undefined> {
  const { job, jobContext, dataset, split, work } = context;
  if (frozen.examples.validation.count >= ENOUGH_VALIDATION_IMAGES) return undefined;
  const images = trainAndValidationRows(split);
  if (countGroups(dataset, images) < COMPARISON_FOLDS) return undefined;
  const count = await countFolds(tuned, context);
  if (count === 0) return undefined;
  const folds = assignFolds(dataset, images, COMPARISON_FOLDS, job.spec.training.seed).slice(0, count);
  // With a split of the user's own, the validation images may be more than those of a fold.
  if (sum(folds.map((fold) => fold.validation.length)) <= frozen.examples.validation.count) return undefined;
  const report = () => jobContext.report({ ...stage('train'), phase: 'cross-validation' });
  report();
  const score = () => work.time('train', () => scoreBoth(frozen, tuned, { folds, report }, context));
  const logits = await unlessOutOfMemory(nameOf(tuned), score, context, () => countScoredFolds(tuned, context));
  if (logits === undefined) return undefined;
  const held = (ofFolds: readonly Float32Array[]): HeldOutScores =>
    joinHeldOutScores(
      folds.map(({ validation }, fold) => ({ rows: validation, logits: ofFolds[fold] ?? new Float32Array() })),
      frozen,
      context,
    );
  return { frozen: held(logits.frozen), tuned: held(logits.tuned) };
}

interface ComparisonFolds {
  readonly folds: readonly Fold[];
  readonly report: () => void;
}

/** Trains both networks without each fold. @returns logits of each fold's images, float32 [images, classes] */
async function scoreBoth(
  frozen: TrainedHead,
  tuned: FineTunedNetwork,
  { folds, report }: ComparisonFolds,
  context: TrainingContext,
): Promise<Readonly<Record<keyof ComparedScores, readonly Float32Array[]>>> {
  const ofFrozen = await freeVariables(() => frozen.scoreFolds(folds, report));
  const ofTuned: Float32Array[] = [];
  for (const [fold, rows] of folds.entries()) ofTuned.push(await scoreFold(tuned, fold, rows, context));
  return { frozen: ofFrozen, tuned: ofTuned };
}

/**
 * The number of folds that there is time to score. All attempts plan the same ones; one with less time before the job's
 * limit scores fewer, so that the job does not end without a model. Scores that are stored take no time.
 */
async function countFolds(tuned: FineTunedNetwork, context: TrainingContext): Promise<number> {
  const { timed } = tuned;
  if (timed === undefined) return COMPARISON_FOLDS;
  const once = oncePerTrial(`${nameOf(tuned)}-folds`, z.int(), context);
  const planned = await loadOrCompute(once, context.world.store, async () => foldsWithinBudget(timed, COMPARISON_FOLDS, context));
  const done = await countScoredFolds(tuned, context);
  return Math.min(planned, foldsWithinLimit(timed, { folds: COMPARISON_FOLDS, done }, context));
}

/** Another attempt may have fine-tuned another network, whose scores differ. */
function nameOf({ tuning }: FineTunedNetwork): string {
  return `comparison-${tuning}`;
}

/** The number of folds that earlier attempts have scored. */
async function countScoredFolds(tuned: FineTunedNetwork, context: TrainingContext): Promise<number> {
  const checkpoints = new Set(await listCheckpointNames(context.job, context.world.store));
  return Array.from({ length: COMPARISON_FOLDS }, (_, fold) => fold).filter((fold) =>
    checkpoints.has(`${scoresOfFold(tuned, fold, context).name}.json`),
  ).length;
}

/** The stored logits of a fold's images. */
function scoresOfFold(tuned: FineTunedNetwork, fold: number, context: TrainingContext) {
  return oncePerTrial(`${nameOf(tuned)}-${fold}`, z.array(z.number()), context);
}

/** Trains the network without one fold. @returns logits of the fold's images, float32 [images, classes] */
async function scoreFold(tuned: FineTunedNetwork, fold: number, rows: Fold, context: TrainingContext): Promise<Float32Array> {
  const { job, world } = context;
  const { retrain, examples } = tuned;
  const name = `comparison-${fold}`;
  const logits = await loadOrCompute(scoresOfFold(tuned, fold, context), world.store, () =>
    freeVariables(async () => {
      const { network } = await retrain({ name, rows });
      return [...(await predictLogits(network, subsetOf(examples.trainAndValidation, rows.validation), lossOf(job))).logits];
    }),
  );
  return Float32Array.from(logits);
}
