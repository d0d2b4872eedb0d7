import { buildBackbone } from './backbones/build-backbone.ts';
import type { JobProgress, JobRecord, JobResult } from './contracts/job.ts';
import { openDataset } from './datasets/dataset-store.ts';
import { splitVersion } from './datasets/split-version.ts';
import { planStrategy } from './freezing/plan-strategy.ts';
import { deleteCheckpoints } from './jobs/attempt-checkpoints.ts';
import type { Watch } from './jobs/work-on-job.ts';
import { calibrateHead, divideLogits } from './models/calibrate-head.ts';
import { readResult } from './models/model-package.ts';
import { publishModel } from './models/publish-model.ts';
import { publishedBy } from './models/registry.ts';
import type { World } from './ports.ts';
import { startStopwatch } from './stopwatch.ts';
import { startTensorFlow } from './tensor/start-tensorflow.ts';
import { taskOf, trainPlan } from './train-plan.ts';
import { evaluate } from './training/evaluate.ts';
import { lossFor } from './training/losses/loss-for.ts';
import { predictLogits } from './training/predict-logits.ts';

/** Fine-tunes a pretrained backbone on labelled images and publishes the result as a new model version. */
export async function fineTune(job: JobRecord, world: World, watch: Watch): Promise<JobResult> {
  const { spec } = job;
  const { store, log, clock } = world;
  const earlier = await finishedEarlier(job, world);
  if (earlier !== undefined) return earlier;

  const time = startStopwatch(clock);
  watch.report(stage('prepare'));
  const runtime = await startTensorFlow();
  log('runtime', { job: job.id, runtime: runtime.description });
  const dataset = await openDataset(spec.dataset, store);
  const split = await splitVersion(dataset, spec.split, spec.training.seed, store);
  const plan = planStrategy(spec, dataset, () => buildBackbone(spec.backbone));
  log('strategy', { job: job.id, name: plan.name, cut: plan.cut, reason: plan.reason });
  const { trunk, network, head, examples, history, bestEpoch, features, ...trained } = await trainPlan(plan, {
    job,
    world,
    watch,
    dataset,
    split,
  });

  watch.report(stage('evaluate'));
  time.lap();
  const loss = lossFor(taskOf(job), spec.training);
  const temperature = calibrateHead(head, await predictLogits(network, examples.validation, loss));
  const validation = await evaluate(network, examples.validation, loss, dataset.labels);
  const refitted = spec.training.refit ? await trained.refit?.() : undefined;
  if (refitted !== undefined) divideLogits(refitted, temperature);
  const served = refitted ?? network;
  const test = examples.test.count > 0 ? await evaluate(served, examples.test, loss, dataset.labels) : undefined;
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
      history,
      result: {
        model: spec.name,
        strategy: { name: plan.name, cut: trunk.cut, reason: plan.reason, evidence: { ...plan.evidence } },
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

/** An attempt that published its version and died before it could say so has done the work. */
async function finishedEarlier({ id, spec }: JobRecord, { store }: World): Promise<JobResult | undefined> {
  const version = await publishedBy(store, spec.name, id);
  if (version === undefined) return undefined;
  return { ...(await readResult(store, version.package)), version: version.version, package: version.package };
}

function stage(name: JobProgress['stage']): JobProgress {
  return { stage: name, done: 0, total: 0 };
}
