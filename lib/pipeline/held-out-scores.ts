/** Scores of images that a network was not trained on: for calibration, and to compare the trials of a search. */

import { assignFolds, countGroups, type Fold } from '../datasets/splits/assign-folds.ts';
import { trainAndValidationRows } from '../datasets/splits/split-dataset.ts';
import { CALIBRATION_FOLDS, calibrationFolds } from '../heads/calibration-folds.ts';
import { freeVariables } from '../tensor/free-variables.ts';
import { CALIBRATION_PARTS, type CalibrationOptions } from '../training/calibration/calibrate.ts';
import { type Examples, gatherRows } from '../training/examples.ts';
import type { Task } from '../training/losses/loss.ts';
import { predictLogits } from '../training/predict-logits.ts';
import type { HeldOutScores, TrainedNetwork } from './network.ts';
import { lossOf, stage, type TrainingContext, taskOf } from './training-context.ts';
import { yieldToEventLoop } from './yield-to-event-loop.ts';

/**
 * Scores of images that each network was not trained on. These are the validation images. If there are few, a head on
 * frozen features is also trained once for each fold of the training and validation images together. For layers of the
 * backbone this takes long, so a fine-tuned network has the scores of its comparison with a frozen one, or only those of
 * its validation images. An interrupted attempt continues from the folds' checkpoints.
 * @throws as trainPhases
 */
export async function heldOutScores(trained: TrainedNetwork, context: TrainingContext): Promise<HeldOutScores> {
  if (trained.held !== undefined) return trained.held;
  if (trained.trains === 'tail' || trained.trains === 'head-then-tail') return validationScores(trained, context);
  const { jobContext, split, work } = context;
  const { trains, head, examples, scoreFolds } = trained;
  const { trainAndValidation, validation } = examples;
  const headParameters = trains === 'stage-head' ? 0 : head.countParams();
  const count = calibrationFolds({ validationImages: validation.count, images: trainAndValidation.count, headParameters });
  if (count === 0) return validationScores(trained, context);
  const images = trainAndValidationRows(split);
  // With fewer groups than folds, only the validation images can be scored.
  const folds = relatedFolds(images, context).slice(0, count);
  if (folds.length === 0) return validationScores(trained, context);
  const report = () => jobContext.report({ ...stage('train'), phase: 'cross-validation' });
  report();
  const logits = await work.time('train', () => freeVariables(() => scoreFolds(folds, report)));
  return joinHeldOutScores(
    folds.map(({ validation: rows }, fold) => ({ rows, logits: logits[fold] ?? new Float32Array() })),
    trained,
    context,
  );
}

/** What a network makes of the validation images, which it was not trained on though they chose its epoch. */
export async function validationScores(
  { network, examples: { validation } }: TrainedNetwork,
  { job, split, work }: TrainingContext,
): Promise<HeldOutScores> {
  const scores = await work.time('evaluate', () => predictLogits(network, validation, lossOf(job)));
  return { scores, rows: split.validation, foldOf: undefined };
}

/**
 * The part of each score that a calibration of the others is evaluated on: its fold, or if one network gave all scores,
 * one of ten parts that keep groups and near duplicates together. Rows are in the order of paths, so that every tenth
 * image is rarely far from those that the calibration is fitted to.
 * @returns [rows]; undefined if no images are related, or all are: `calibrate` then divides them
 */
export function calibrationParts(
  { rows, foldOf }: Pick<HeldOutScores, 'rows' | 'foldOf'>,
  { job, dataset }: Pick<TrainingContext, 'job' | 'dataset'>,
): readonly number[] | undefined {
  if (foldOf !== undefined && new Set(foldOf).size > 1) return foldOf;
  const groups = countGroups(dataset, rows);
  if (groups < 2 || groups === rows.length) return undefined;
  const parts = assignFolds(dataset, rows, Math.min(CALIBRATION_PARTS, groups), job.spec.training.seed);
  const partOf = new Map(parts.flatMap(({ validation }, part) => validation.map((index) => [index, part] as const)));
  return rows.map((_, index) => partOf.get(index) ?? 0);
}

/** How to calibrate held-out scores, each part by the others, while the job renews its lease and can be stopped. */
export function calibrationOptions(
  held: HeldOutScores,
  context: TrainingContext,
): Required<Pick<CalibrationOptions, 'foldOf' | 'yieldToEventLoop'>> {
  return { foldOf: calibrationParts(held, context), yieldToEventLoop: () => yieldToEventLoop(context) };
}

/**
 * Folds of some images that keep groups and near duplicates together.
 * @param images rows of the data set
 * @returns indexes in `images`; none if there are fewer groups than folds
 */
export function relatedFolds(images: readonly number[], { job, dataset }: TrainingContext): Fold[] {
  if (countGroups(dataset, images) < CALIBRATION_FOLDS) return [];
  return assignFolds(dataset, images, CALIBRATION_FOLDS, job.spec.training.seed);
}

/**
 * The scores of all folds, in the order of the data set's rows.
 * @param parts of each fold: rows of `trainAndValidation`, and their logits, float32 [rows, classes]
 */
export function joinHeldOutScores(
  parts: readonly FoldScores[],
  { examples: { trainAndValidation } }: Pick<TrainedNetwork, 'examples'>,
  { job, split }: TrainingContext,
): HeldOutScores {
  const images = trainAndValidationRows(split);
  const { rows, ...joined } = joinFolds(parts, trainAndValidation, taskOf(job));
  return { ...joined, rows: rows.flatMap((row) => images[row] ?? []) };
}

/** The rows of a fold, and their logits, float32 [rows, classes]. */
interface FoldScores {
  readonly rows: readonly number[];
  readonly logits: Float32Array;
}

/** Joins the scores of folds, in the order of the rows. @param examples the targets of all rows, [count, classes] */
export function joinFolds(
  parts: readonly FoldScores[],
  { classes, targets }: Pick<Examples, 'classes' | 'targets'>,
  task: Task,
): HeldOutScores & { readonly foldOf: readonly number[] } {
  const scored = parts
    .flatMap(({ rows, logits }, fold) =>
      rows.map((row, i) => ({ row, fold, logits: logits.subarray(i * classes, (i + 1) * classes) })),
    )
    .sort((a, b) => a.row - b.row);
  const rows = scored.map(({ row }) => row);
  const logits = new Float32Array(rows.length * classes);
  for (const [index, own] of scored.entries()) logits.set(own.logits, index * classes);
  const scores = { task, count: rows.length, classes, logits, targets: gatherRows(targets, classes, rows) };
  return { scores, rows, foldOf: scored.map(({ fold }) => fold) };
}
