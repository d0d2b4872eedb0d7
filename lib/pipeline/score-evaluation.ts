/** The scores of the evaluated images, as a file of the package. Reports, comparisons, gates and drift read it. */
import type { NoveltyOmitted } from '../contracts/novelty.ts';
import { relatedImages } from '../datasets/splits/assign-folds.ts';
import { errorJson } from '../errors.ts';
import { sampleScores } from '../reports/measure/sample-scores.ts';
import { type EvaluationFacts, encodeScores, type ScoredImages } from '../reports/measure/scored-images.ts';
import { numberGroups } from '../reports/statistics/image-groups.ts';
import { scaleLogits } from '../training/calibration/logit-scaling.ts';
import type { LabelledLogits } from '../training/metrics/labelled-logits.ts';
import { meanAveragePrecision } from '../training/metrics/mean-average-precision.ts';
import type { NoveltyDetector } from '../training/novelty/fit-novelty.ts';
import type { CalibratedNetwork } from './calibrate-network.ts';
import { measureLearningCurve } from './measure-learning-curve.ts';
import type { TrainedNetwork } from './network.ts';
import type { TrainingContext } from './training-context.ts';

interface EvaluatedNetwork {
  readonly trained: TrainedNetwork;
  readonly calibrated: CalibratedNetwork;
  /** Undefined without test images. */
  readonly testScores: LabelledLogits | undefined;
  readonly novelty: NoveltyDetector | NoveltyOmitted | undefined;
}

/** Encodes the scores of a network, as `encodeEvaluation`. */
export async function scoreEvaluation(network: EvaluatedNetwork, context: TrainingContext): Promise<Uint8Array | undefined> {
  return encodeEvaluation(() => scoredImages(network, context), context);
}

/**
 * Encodes scores for the package of the version.
 * @param score returns them; a failure is logged, because a model predicts without them
 * @returns undefined after a failure
 * @throws if the attempt has been stopped
 */
export async function encodeEvaluation(
  score: () => Promise<ScoredImages> | ScoredImages,
  { job, jobContext, world }: Pick<TrainingContext, 'job' | 'jobContext' | 'world'>,
): Promise<Uint8Array | undefined> {
  try {
    return encodeScores(await score());
  } catch (error) {
    jobContext.signal.throwIfAborted();
    world.log('scores.failed', { job: job.id, error: errorJson(error) });
    return undefined;
  }
}

/**
 * The scores of the test images by the served network. Without test images: the scores that the network was calibrated
 * on, each by a network that was not trained on the image.
 */
async function scoredImages(
  { trained, calibrated: { held, calibration }, testScores, novelty }: EvaluatedNetwork,
  context: TrainingContext,
): Promise<ScoredImages> {
  const { job, split } = context;
  const { examples } = trained;
  const { dollarsPerHour } = job.estimate ?? {};
  const all =
    testScores === undefined
      ? { part: 'held-out' as const, scores: scaleLogits(held.scores, calibration.scaling), rows: held.rows }
      : { part: 'test' as const, scores: testScores, rows: split.test };
  const precision = all.scores.task === 'multi-label' ? meanAveragePrecision(all.scores) : undefined;
  const facts: EvaluationFacts = {
    part: all.part,
    of: all.scores.count,
    splits: {
      train: [...examples.train.classCounts],
      validation: [...examples.validation.classCounts],
      test: [...examples.test.classCounts],
    },
    images: { train: split.train.length, validation: split.validation.length, test: split.test.length },
    leakingGroups: split.leakingGroups.length,
    ...(precision !== undefined && { meanAveragePrecision: precision }),
    ...(dollarsPerHour !== undefined && { dollarsPerHour }),
    ...(await measureLearningCurve(trained, context)),
  };
  const hasNovelty = novelty !== undefined && 'heldOut' in novelty;
  const sample = sampleScores(all, job.spec.training.seed);
  return { facts, ...sample, ...withGroups(sample.rows, context), ...(hasNovelty && { novelty: novelty.heldOut }) };
}

/** Which of some images are related, as scores have it. @param rows of the data set */
export function withGroups(rows: readonly number[], { dataset }: Pick<TrainingContext, 'dataset'>): Pick<ScoredImages, 'groups'> {
  const groups = numberGroups(rows.length, relatedImages(dataset, rows));
  return groups === undefined ? {} : { groups };
}
