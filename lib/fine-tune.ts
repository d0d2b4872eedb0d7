import type { JobProgress, JobRecord, JobResult } from './contracts/job.ts';
import { openDataset } from './datasets/dataset-store.ts';
import { withExternalImages } from './datasets/external/external-store.ts';
import { splitVersion } from './datasets/splits/split-version.ts';
import { deleteCheckpoints } from './jobs/attempt-checkpoints.ts';
import type { JobContext } from './jobs/work-on-job.ts';
import { calibrateAndEvaluate } from './models/calibrate-and-evaluate.ts';
import { foldScaling } from './models/calibrate-head.ts';
import { describeCalibration } from './models/describe-calibration.ts';
import { publishModel } from './models/publish-model.ts';
import { finishPublication } from './models/publish-package.ts';
import { crossValidate, planFolds } from './pipeline/cross-validate.ts';
import { heldOutScores } from './pipeline/held-out-scores.ts';
import type { Network, TrainedNetwork } from './pipeline/network.ts';
import { planTraining } from './pipeline/plan-training.ts';
import type { TrainingContext } from './pipeline/prepare-examples.ts';
import { searchTrials } from './pipeline/search-trials.ts';
import { startStopwatch } from './pipeline/stopwatch.ts';
import { sumWork } from './pipeline/sum-work.ts';
import { taskOf } from './pipeline/train-phases.ts';
import { trainPlan } from './pipeline/train-plan.ts';
import { hasTime, wasNotRefitted } from './pipeline/tuning-limits.ts';
import type { World } from './ports.ts';
import { startTensorFlow } from './tensor/start-tensorflow.ts';
import { evaluate } from './training/evaluate.ts';
import { lossFor } from './training/losses/loss-for.ts';

/** Fine-tunes a pretrained backbone on labelled images and publishes the result as a new model version. */
export async function fineTune(job: JobRecord, given: World, jobContext: JobContext): Promise<JobResult> {
  const { spec } = job;
  const earlier = await finishPublication(job, given.store);
  if (earlier !== undefined) {
    await deleteCheckpoints(job, given.store);
    return earlier;
  }
  const world = await withExternalImages(spec.dataset, given);
  const { store, log, clock } = world;

  const time = startStopwatch(clock);
  jobContext.report(stage('prepare'));
  const runtime = await startTensorFlow();
  log('runtime', { job: job.id, runtime: runtime.description });
  const dataset = await openDataset(spec.dataset, store);
  const split = await splitVersion(dataset, spec.split, spec.training.seed, store);
  if (split.leakingGroups.length > 0) log('split.leakage', { job: job.id, sets: split.leakingGroups.length });
  const asked = { job, world, jobContext, dataset, split };
  // More folds than there are groups of images: said before anything is trained, not after.
  planFolds({ spec, dataset, split });
  const work = sumWork();
  const search = spec.search && (await searchTrials(spec.search, asked, runtime.name, work));
  const context = search?.context ?? asked;
  const { training } = context.job.spec;
  const plan = await planTraining(context, runtime.name);
  log('strategy', { job: job.id, name: plan.name, cut: plan.cut, reason: plan.reason });
  const trained = await trainPlan(plan, context);
  const { trunk, network, examples, history, bestEpoch, timed } = trained;
  work.add(trained);

  time.lap();
  const loss = lossFor(taskOf(job), training);
  const held = await heldOutScores(trained, context);
  work.spend(held.foldOf === undefined ? 'evaluate' : 'train', time.lap());
  jobContext.report(stage('evaluate'));
  const calibrated = await calibrateAndEvaluate(trained, held, examples.validation, loss, dataset.labels);
  const { calibration, thresholds, metrics: validation } = calibrated;
  work.spend('evaluate', time.lap());
  const wantsRefit = training.refit && trained.canRetrain;
  const canRetrain = wantsRefit && (timed === undefined || hasTime(timed.refit + timed.validating, timed, context));
  const retrained = canRetrain ? await retrain(trained, context) : undefined;
  if (retrained !== undefined) foldScaling(retrained.head, calibration.scaling);
  const served = retrained?.network ?? network;
  work.spend('train', time.lap());
  jobContext.report(stage('evaluate'));
  const test = examples.test.count > 0 ? await evaluate(served, examples.test, loss, dataset.labels, thresholds) : undefined;
  const metrics = { validation, ...(test !== undefined && { test }) };
  work.spend('evaluate', time.lap());
  const strategy = wantsRefit && !canRetrain ? wasNotRefitted(trained.strategy, context) : trained.strategy;
  const crossValidation = await crossValidate(trained, context);
  work.spend('train', time.lap());
  await trained.close();

  const { features, seconds } = work.total();
  jobContext.report(stage('publish'));
  const published = await publishModel(
    job,
    {
      spec: { ...context.job.spec, training: trained.training },
      trunk,
      network: served,
      task: taskOf(job),
      labels: dataset.labels,
      datasetDigest: dataset.digest,
      runtime,
      temperature: calibration.temperature,
      calibration: describeCalibration(calibration, held),
      thresholds,
      history,
      result: {
        model: spec.name,
        strategy: { name: strategy.name, cut: trunk.cut, reason: strategy.reason, evidence: { ...strategy.evidence } },
        runtime: runtime.name,
        seconds: { ...seconds, total: time.total() },
        features,
        metrics,
        ...(crossValidation && { crossValidation }),
        ...(search && { search: search.result }),
        bestEpoch,
      },
    },
    world,
    jobContext.beginPublishing,
  );
  await deleteCheckpoints(job, store);
  return published;
}

/** The head or the network once more, on training and validation images together. */
function retrain({ retrain }: Pick<TrainedNetwork, 'retrain'>, { jobContext }: TrainingContext): Promise<Network> {
  jobContext.report({ ...stage('train'), phase: 'retraining' });
  return retrain({ name: 'refit' });
}

function stage(name: JobProgress['stage']): JobProgress {
  return { stage: name, done: 0, total: 0 };
}
