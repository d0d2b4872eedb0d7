import { buildBackbone } from './backbones/build-backbone.ts';
import type { JobProgress, JobRecord, JobResult } from './contracts/job.ts';
import { openDataset } from './datasets/dataset-store.ts';
import { withImagesOf } from './datasets/in-place/placed-store.ts';
import { splitVersion } from './datasets/split-version.ts';
import { type Plan, planStrategy } from './freezing/plan-strategy.ts';
import { gatherEvidence } from './gather-evidence.ts';
import { deleteCheckpoints } from './jobs/attempt-checkpoints.ts';
import type { Watch } from './jobs/work-on-job.ts';
import { calibrateHead, divideLogits } from './models/calibrate-head.ts';
import { readResult } from './models/model-package.ts';
import { publishModel } from './models/publish-model.ts';
import { publishedBy } from './models/registry.ts';
import type { World } from './ports.ts';
import type { TrainingContext } from './prepare-examples.ts';
import { startStopwatch } from './stopwatch.ts';
import { startTensorFlow } from './tensor/start-tensorflow.ts';
import type { TensorRuntime } from './tensor/tensor-runtime.ts';
import { taskOf, trainPlan } from './train-plan.ts';
import { evaluate } from './training/evaluate.ts';
import { lossFor } from './training/losses/loss-for.ts';
import { tuneThresholds } from './training/metrics/tune-thresholds.ts';
import { predictLogits } from './training/predict-logits.ts';

/** Fine-tunes a pretrained backbone on labelled images and publishes the result as a new model version. */
export async function fineTune(job: JobRecord, given: World, watch: Watch): Promise<JobResult> {
  const { spec } = job;
  const earlier = await finishedEarlier(job, given);
  if (earlier !== undefined) return earlier;
  const world = await withImagesOf(spec.dataset, given);
  const { store, log, clock } = world;

  const time = startStopwatch(clock);
  watch.report(stage('prepare'));
  const runtime = await startTensorFlow();
  log('runtime', { job: job.id, runtime: runtime.description });
  const dataset = await openDataset(spec.dataset, store);
  const split = await splitVersion(dataset, spec.split, spec.training.seed, store);
  if (split.torn.length > 0) log('split.torn', { job: job.id, sets: split.torn.length });
  const context = { job, world, watch, dataset, split };
  const plan = await planFor(context, runtime.name);
  log('strategy', { job: job.id, name: plan.name, cut: plan.cut, reason: plan.reason });
  const { trunk, network, head, examples, history, bestEpoch, features, strategy, ...trained } = await trainPlan(plan, context);

  watch.report(stage('evaluate'));
  time.lap();
  const loss = lossFor(taskOf(job), spec.training);
  const judged = await predictLogits(network, examples.validation, loss);
  const temperature = calibrateHead(head, judged);
  const thresholds = loss.task === 'multi-label' ? tuneThresholds(judged) : undefined;
  const validation = await evaluate(network, examples.validation, loss, dataset.labels, thresholds);
  const refitted = spec.training.refit ? await trained.refit?.() : undefined;
  if (refitted !== undefined) divideLogits(refitted.head, temperature);
  const served = refitted?.network ?? network;
  const test = examples.test.count > 0 ? await evaluate(served, examples.test, loss, dataset.labels, thresholds) : undefined;
  const metrics = { validation, ...(test !== undefined && { test }) };
  await trained.close();

  watch.report(stage('publish'));
  const published = await publishModel(
    job,
    {
      trunk,
      network: served,
      task: taskOf(job),
      labels: dataset.labels,
      datasetDigest: dataset.digest,
      runtime,
      temperature,
      thresholds,
      history,
      result: {
        model: spec.name,
        strategy: { name: strategy.name, cut: trunk.cut, reason: strategy.reason, evidence: { ...strategy.evidence } },
        runtime: runtime.name,
        seconds: { ...trained.seconds, evaluate: time.lap(), total: time.total() },
        features,
        metrics,
        bestEpoch,
      },
    },
    world,
  );
  await deleteCheckpoints(job, store);
  return published;
}

function planFor({ job, world, watch, dataset, split }: TrainingContext, runtime: TensorRuntime['name']): Promise<Plan> {
  const { backbone, training } = job.spec;
  return planStrategy(job.spec, {
    trainingImages: split.train.length,
    classes: dataset.labels.length,
    runtime,
    backbone: () => buildBackbone(backbone),
    gather: () =>
      gatherEvidence(
        { backbone, task: taskOf(job), dataset, split, seed: training.seed },
        {
          store: world.store,
          signal: watch.signal,
          onProgress: (done, total) => watch.report({ stage: 'prepare', done, total }),
        },
      ),
  });
}

/** An attempt that published its version and died before it could say so has done the work. */
async function finishedEarlier({ id, spec }: JobRecord, { store }: World): Promise<JobResult | undefined> {
  const version = await publishedBy(store, spec.name, id);
  if (version === undefined) return undefined;
  return { ...(await readResult(store, version.package)), version: version.version, package: version.package };
}

function stage(name: JobProgress['stage']): JobProgress {
  return { stage: name, done: 0, total: 0 };
}
