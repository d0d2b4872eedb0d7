/** The report of a version that a job has just published. A report that fails never fails the job. */
import type { JobRecord, JobResult } from '../contracts/job.ts';
import type { NoveltyOmitted } from '../contracts/novelty.ts';
import { withExternalImages } from '../datasets/external/external-store.ts';
import { errorJson } from '../errors.ts';
import { reportFiles } from '../models/report-files.ts';
import type { World } from '../ports.ts';
import { makeReport } from '../reports/make-report.ts';
import { sampleScores } from '../reports/measure/sample-scores.ts';
import { type EvaluationFacts, encodeScores, type ScoredImages } from '../reports/measure/scored-images.ts';
import { storeKeys } from '../store/store-keys.ts';
import { scaleLogits } from '../training/calibration/logit-scaling.ts';
import type { LabelledLogits } from '../training/metrics/labelled-logits.ts';
import { meanAveragePrecision } from '../training/metrics/mean-average-precision.ts';
import type { NoveltyDetector } from '../training/novelty/fit-novelty.ts';
import type { CalibratedNetwork } from './calibrate-network.ts';
import type { TrainedNetwork } from './network.ts';
import { scoreSizes } from './score-sizes.ts';
import type { TrainingContext } from './training-context.ts';

interface ReportedNetwork {
  readonly trained: TrainedNetwork;
  readonly calibrated: CalibratedNetwork;
  /** Undefined without test images. */
  readonly testScores: LabelledLogits | undefined;
  readonly novelty: NoveltyDetector | NoveltyOmitted | undefined;
}

/**
 * Stores the scores of the evaluated images, and makes the report of the published version from them. A failure is
 * logged, and the report can be made again from the stored scores.
 */
export async function reportResult(result: JobResult, network: ReportedNetwork, context: TrainingContext): Promise<void> {
  await reportScores(result, () => scoredImages(network, context), context);
}

/** Stores scores, and makes the report from them, as `reportResult`. */
export async function reportScores(
  result: JobResult,
  score: () => Promise<ScoredImages> | ScoredImages,
  { job, world }: Pick<TrainingContext, 'job' | 'world'>,
): Promise<void> {
  await logFailure(job, world, async () => {
    const scored = await score();
    await world.store.put(`${result.package}${reportFiles.scores}`, encodeScores(scored));
    await makeReport(result.model, result.version, world.store);
  });
}

/**
 * Makes the report of a version whose job was interrupted after its publication, if it stored the scores. Only the next
 * attempt tries: a report that ends the process must not fail a job that has published.
 */
export async function completeReport(
  { model, version, package: prefix }: Pick<JobResult, 'model' | 'version' | 'package'>,
  job: Pick<JobRecord, 'id' | 'attempt' | 'spec'>,
  world: World,
): Promise<void> {
  if (prefix !== `${storeKeys.models.prefix}${model}/${job.id}-${job.attempt - 1}/`) return;
  await logFailure(job, world, async () => {
    const { store } = await withExternalImages(job.spec.dataset, world);
    const has = async (name: string) => (await store.head(`${prefix}${name}`)) !== undefined;
    if ((await has(reportFiles.scores)) && !(await has(reportFiles.page))) await makeReport(model, version, store);
  });
}

async function logFailure({ id }: Pick<JobRecord, 'id'>, { log }: World, make: () => Promise<void>): Promise<void> {
  try {
    await make();
  } catch (error) {
    log('report.failed', { job: id, error: errorJson(error) });
  }
}

/**
 * The scores of the test images by the served network. Without test images: the scores that the network was calibrated
 * on, each by a network that was not trained on the image.
 */
async function scoredImages(
  { trained, calibrated: { held, calibration }, testScores, novelty }: ReportedNetwork,
  context: TrainingContext,
): Promise<ScoredImages> {
  const { job, split } = context;
  const { examples } = trained;
  const { dollarsPerHour } = job.estimate ?? {};
  const all =
    testScores === undefined
      ? { part: 'held-out' as const, scores: scaleLogits(held.scores, calibration.scaling), rows: held.rows }
      : { part: 'test' as const, scores: testScores, rows: split.test };
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
    ...(all.scores.task === 'multi-label' && { meanAveragePrecision: meanAveragePrecision(all.scores) }),
    ...(dollarsPerHour !== undefined && { dollarsPerHour }),
    ...(await scoreSizes(trained, context)),
  };
  const hasNovelty = novelty !== undefined && 'heldOut' in novelty;
  return { facts, ...sampleScores(all, job.spec.training.seed), ...(hasNovelty && { novelty: novelty.heldOut }) };
}
