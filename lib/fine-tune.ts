import type { JobRecord, JobResult } from './contracts/job.ts';
import { deleteCheckpoints } from './jobs/attempt-checkpoints.ts';
import type { JobContext } from './jobs/work-on-job.ts';
import { finishPublication } from './models/publish-package.ts';
import { calibrateNetwork } from './pipeline/calibrate-network.ts';
import { chooseCrop } from './pipeline/comparisons/choose-crop.ts';
import { compareBackbones } from './pipeline/comparisons/compare-backbones.ts';
import { comparePrecisions } from './pipeline/comparisons/compare-precisions.ts';
import { crossValidate } from './pipeline/cross-validate.ts';
import { evaluateServed } from './pipeline/evaluate-served.ts';
import { learnNovelty } from './pipeline/learn-novelty.ts';
import { openTraining } from './pipeline/open-training.ts';
import { planTraining } from './pipeline/plan-training.ts';
import { publishResult } from './pipeline/publish-result.ts';
import { completeReport, reportResult } from './pipeline/report-result.ts';
import { retrainOnAll } from './pipeline/retrain-on-all.ts';
import { scoreEvaluation } from './pipeline/score-evaluation.ts';
import { searchTrials } from './pipeline/search-trials.ts';
import { trainDetector } from './pipeline/train-detector.ts';
import { trainPlan } from './pipeline/train-plan.ts';
import type { World } from './ports.ts';

/**
 * Fine-tunes a pretrained backbone on labelled images and publishes the result as a new model version. An attempt that
 * follows an interrupted one continues from its checkpoints.
 * @throws GraftError of any step; `retryable` says whether a retry may help
 */
export async function fineTune(job: JobRecord, world: World, jobContext: JobContext): Promise<JobResult> {
  const published = await finishPublication(job, world.store);
  if (published !== undefined) await completeReport(published, job, world);
  const result = published ?? (await trainAndPublish(job, world, jobContext));
  await deleteCheckpoints(job, world.store);
  return result;
}

async function trainAndPublish(job: JobRecord, world: World, jobContext: JobContext): Promise<JobResult> {
  const opened = await openTraining(job, world, jobContext);
  if (job.spec.task === 'one-class') return trainDetector(opened);
  const { context: compared, backbones } = await compareBackbones(opened);
  const { context: searched, search } = await searchTrials(await chooseCrop(compared));
  const { plan, context } = await comparePrecisions(await planTraining(searched), searched);
  const trained = await trainPlan(plan, context);
  try {
    const calibrated = await calibrateNetwork(trained, context);
    const served = await retrainOnAll(trained, calibrated, context);
    const { metrics, testScores } = await evaluateServed(served, trained, calibrated, context);
    const novelty = await context.work.time('evaluate', () => learnNovelty(trained, context));
    const crossValidation = await crossValidate(trained, calibrated, context);
    const scores = await scoreEvaluation({ trained, calibrated, testScores, novelty }, context);
    const result = await publishResult(
      { trained, calibrated, served, novelty, scores, metrics, crossValidation, backbones, search },
      job,
      context,
    );
    await reportResult(result, context);
    return result;
  } finally {
    await trained.close();
  }
}
