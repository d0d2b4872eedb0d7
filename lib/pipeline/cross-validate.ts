/** Cross-validation with several folds and seeds: measures how much the validation metrics depend on chance. */
import { z } from 'zod';
import type { CrossValidation } from '../contracts/job.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { assignFolds, type Fold } from '../datasets/splits/assign-folds.ts';
import { type Split, trainAndValidationRows } from '../datasets/splits/split-dataset.ts';
import type { Dataset } from '../datasets/versions/dataset-store.ts';
import { loadOrCompute } from '../jobs/computed-once.ts';
import { foldScaling } from '../models/calibrate-head.ts';
import { freeVariables } from '../tensor/free-variables.ts';
import { evaluate } from '../training/evaluate.ts';
import { subsetOf } from '../training/examples.ts';
import { repeatSeeds, summarizeValues } from '../training/repeat-with-seeds.ts';
import type { CalibratedNetwork } from './calibrate-network.ts';
import { unlessFinished } from './finish-early.ts';
import type { TrainedNetwork } from './network.ts';
import { oncePerJob } from './once-per-trial.ts';
import type { RetrainOptions } from './retraining.ts';
import { lossOf, type TrainingContext } from './training-context.ts';

const FoldMetrics = z.strictObject({
  accuracy: z.number().optional(),
  meanAveragePrecision: z.number().optional(),
  negativeLogLikelihood: z.number(),
});
type FoldMetrics = z.infer<typeof FoldMetrics>;

/** The network whose recipe is repeated. */
type Recipe = Pick<TrainedNetwork, 'trains' | 'retrain' | 'examples'>;

/** What makes predictions of its logits, as in its validation metrics. */
type Decisions = Pick<CalibratedNetwork, 'calibration' | 'thresholds'>;

const IGNORES_SEED =
  'A head in closed form does not depend on the seed, so it was fitted once. training.folds measures how much the ' +
  'metrics depend on the images.';

/**
 * Trains a network for each fold and each seed, and evaluates it on images that it was not trained on, with the
 * calibration and the thresholds of the trained network. It uses no test images. Without folds, a head in closed form is
 * fitted once, because all repeats would be equal.
 * @returns undefined if the spec has neither folds nor repeats, or if the user finished the job early
 * @throws SpecError FOLDS_TOO_MANY; as trainPhases
 */
export async function crossValidate(
  trained: Recipe,
  calibrated: Decisions,
  context: TrainingContext,
): Promise<CrossValidation | undefined> {
  const { folds, repeats } = context.job.spec.training;
  if (folds === undefined && repeats === 1) return undefined;
  return unlessFinished(context, (watched) => trainFolds(trained, calibrated, watched));
}

async function trainFolds(trained: Recipe, calibrated: Decisions, context: TrainingContext): Promise<CrossValidation> {
  const { job, world, jobContext, work } = context;
  const { folds, repeats } = job.spec.training;
  const areEqual = folds === undefined && trained.trains === 'stage-head';
  const planned = planFolds({ ...context, spec: job.spec }).slice(0, areEqual ? 1 : repeats);
  const foldMetrics: FoldMetrics[] = [];
  for (const [repeat, { seed, parts }] of planned.entries()) {
    for (const [fold, rows] of parts.entries()) {
      jobContext.signal.throwIfAborted();
      const retrainOptions = { name: `repeat-${repeat}-fold-${fold}`, rows, seed };
      // Earlier versions stored metrics of uncalibrated networks by the name alone.
      const once = oncePerJob(`calibrated-${retrainOptions.name}`, FoldMetrics, context);
      const result = await loadOrCompute(once, world.store, () =>
        work.time('train', () => freeVariables(() => evaluateFold(trained, calibrated, retrainOptions, context))),
      );
      world.log('cross-validation', { job: job.id, repeat: repeat + 1, fold: fold + 1, ...result });
      foldMetrics.push(result);
    }
  }
  const spread = (of: keyof FoldMetrics) => summarizeValues(foldMetrics.flatMap((result) => result[of] ?? []));
  const shown = (of: 'accuracy' | 'meanAveragePrecision') =>
    foldMetrics.some((result) => result[of] !== undefined) && { [of]: spread(of) };
  return {
    ...(folds !== undefined && { folds }),
    repeats: planned.length,
    ...(areEqual && { reason: IGNORES_SEED }),
    metrics: { ...shown('accuracy'), ...shown('meanAveragePrecision'), negativeLogLikelihood: spread('negativeLogLikelihood') },
  };
}

interface FoldsContext {
  readonly spec: Pick<JobSpec, 'training'>;
  readonly dataset: Pick<Dataset, 'digest' | 'rows'>;
  readonly split: Pick<Split, 'train' | 'validation'>;
}

/**
 * The folds of each repeat, as rows of the training and validation images together.
 * @throws SpecError FOLDS_TOO_MANY if there are fewer groups of related images than folds
 */
export function planFolds({ spec, dataset, split }: FoldsContext): { readonly seed: number; readonly parts: readonly Fold[] }[] {
  const { folds, repeats, seed } = spec.training;
  const images = trainAndValidationRows(split);
  return repeatSeeds(repeats, seed).map((ofRepeat) => ({
    seed: ofRepeat,
    parts: folds === undefined ? [asSplit(split)] : assignFolds(dataset, images, folds, ofRepeat),
  }));
}

/** Checks that the folds of each repeat can be drawn. @throws as planFolds */
export function checkFolds(context: FoldsContext): void {
  planFolds(context);
}

async function evaluateFold(
  { retrain, examples }: Recipe,
  { calibration, thresholds }: Decisions,
  retrainOptions: RetrainOptions & { readonly rows: Fold },
  { job, dataset }: TrainingContext,
): Promise<FoldMetrics> {
  const { network, head } = await retrain(retrainOptions);
  foldScaling(head, calibration.scaling);
  const validation = subsetOf(examples.trainAndValidation, retrainOptions.rows.validation);
  const metrics = await evaluate(network, validation, lossOf(job), dataset.labels, thresholds);
  return FoldMetrics.strip().parse(metrics);
}

/** The job's own split, as rows of its training and validation images together. */
function asSplit(split: FoldsContext['split']): Fold {
  const rowOf = new Map(trainAndValidationRows(split).map((image, row) => [image, row]));
  const rows = (part: readonly number[]): number[] => part.flatMap((image) => rowOf.get(image) ?? []);
  return { train: rows(split.train), validation: rows(split.validation) };
}
