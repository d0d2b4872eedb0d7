import type { JobProgress, JobRecord, JobResult } from './contracts/job.ts';
import type { EpochRecord } from './contracts/model.ts';
import { openDataset } from './datasets/dataset-store.ts';
import { splitDataset } from './datasets/split-dataset.ts';
import { extractFeatures } from './features/extract-features.ts';
import { featureExamples } from './features/feature-examples.ts';
import { openTrunk } from './features/trunk.ts';
import { chooseStrategy } from './freezing/choose-strategy.ts';
import { buildHead } from './heads/build-head.ts';
import { splitPooling } from './heads/split-pooling.ts';
import { attemptCheckpoints, deleteCheckpoints } from './jobs/attempt-checkpoints.ts';
import type { Watch } from './jobs/work-on-job.ts';
import { calibrateHead } from './models/calibrate-head.ts';
import { readResult } from './models/model-package.ts';
import { publishModel } from './models/publish-model.ts';
import { publishedBy } from './models/registry.ts';
import type { World } from './ports.ts';
import { startTensorFlow } from './tensor/start-tensorflow.ts';
import { evaluate } from './training/evaluate.ts';
import { fit } from './training/fit.ts';
import { lossFor } from './training/losses/loss-for.ts';
import { predictLogits } from './training/predict-logits.ts';

/** Fine-tunes a pretrained backbone on labelled images and publishes the result as a new model version. */
export async function fineTune(job: JobRecord, world: World, { report, signal }: Watch): Promise<JobResult> {
  const { spec } = job;
  const { store } = world;
  const published = await publishedBy(store, spec.name, job.id);
  if (published !== undefined)
    return { ...(await readResult(store, published.package)), version: published.version, package: published.package };

  const watch = stopwatch(world);
  report(stage('prepare'));
  const runtime = await startTensorFlow();
  world.log('runtime', { job: job.id, runtime: runtime.description });
  const dataset = await openDataset(spec.dataset, store);
  const split = splitDataset(dataset, spec.split, spec.training.seed);
  const { pooling, head: layers } = splitPooling(spec.head);
  const trunk = await openTrunk(spec.backbone, pooling, store);
  const strategy = chooseStrategy(dataset, trunk.cut);

  const images = dataset.rows.map(({ sha256 }) => sha256);
  const { features, cached, decoded } = await extractFeatures(trunk, images, {
    store,
    signal,
    onProgress: imagesDone(report, world),
  });
  world.log('features', { job: job.id, trunk: trunk.key, cached, decoded });
  const seconds = { features: watch.lap(), train: 0, evaluate: 0, total: 0 };

  const examples = (part: readonly number[]) => featureExamples(features, dataset, part);
  const [train, validation, test] = [examples(split.train), examples(split.validation), examples(split.test)];
  const loss = lossFor(dataset.task, spec.training);
  const head = buildHead(layers, trunk.featureShape, { classes: dataset.labels.length, seed: spec.training.seed });
  const { history, bestEpoch } = await fit({
    model: head,
    loss,
    train,
    validation,
    training: spec.training,
    labels: dataset.labels,
    checkpoints: { store: attemptCheckpoints(job, store), clock: world.clock },
    onEpoch: epochsDone(report, job, world),
    signal,
    log: world.log,
  });
  seconds.train = watch.lap();

  report(stage('evaluate'));
  const temperature = calibrateHead(head, await predictLogits(head, validation, loss));
  const metrics = {
    validation: await evaluate(head, validation, loss, dataset.labels),
    ...(test.count > 0 && { test: await evaluate(head, test, loss, dataset.labels) }),
  };
  await features.close();
  seconds.evaluate = watch.lap();
  seconds.total = watch.total();

  report(stage('publish'));
  const result = {
    model: spec.name,
    strategy,
    runtime: runtime.name,
    seconds,
    features: { cached, decoded },
    metrics,
    bestEpoch,
  };
  const finished = await publishModel(
    job,
    { trunk, head, labels: dataset.labels, datasetDigest: dataset.digest, runtime, temperature, history, result },
    world,
  );
  await deleteCheckpoints(job, store);
  return finished;
}

function stage(name: JobProgress['stage']): JobProgress {
  return { stage: name, done: 0, total: 0 };
}

function imagesDone(report: Watch['report'], { clock }: World): (done: number, total: number) => void {
  const start = clock.now().getTime();
  return (done, total) => {
    const imagesPerSecond = done / Math.max((clock.now().getTime() - start) / 1000, 0.001);
    report({ stage: 'features', done, total, imagesPerSecond, secondsLeft: (total - done) / imagesPerSecond });
  };
}

function epochsDone(report: Watch['report'], { id, spec }: JobRecord, { clock, log }: World): (epoch: EpochRecord) => void {
  const start = clock.now().getTime();
  return ({ epoch, loss, accuracy, validationLoss, validationAccuracy }) => {
    const perEpoch = (clock.now().getTime() - start) / 1000 / epoch;
    const said = { loss, accuracy, validationLoss, validationAccuracy };
    log('epoch', { job: id, epoch, ...said });
    report({
      stage: 'train',
      done: epoch,
      total: spec.training.epochs,
      ...said,
      secondsLeft: perEpoch * (spec.training.epochs - epoch),
    });
  };
}

/** Seconds since it was last asked, and in all. */
function stopwatch({ clock }: World) {
  const start = clock.now().getTime();
  let last = start;
  return {
    lap() {
      const now = clock.now().getTime();
      const seconds = (now - last) / 1000;
      last = now;
      return seconds;
    },
    total: () => (clock.now().getTime() - start) / 1000,
  };
}
