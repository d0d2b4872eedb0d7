/** From a plan to a trained network: features up to the cut, then everything behind it trains. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { HeadLayer } from './contracts/head-spec.ts';
import type { JobProgress, JobRecord } from './contracts/job.ts';
import type { EpochRecord } from './contracts/model.ts';
import type { TrainingSpec } from './contracts/training-spec.ts';
import type { Dataset } from './datasets/dataset-store.ts';
import type { Split } from './datasets/split-dataset.ts';
import { extractFeatures } from './features/extract-features.ts';
import { featureExamples } from './features/feature-examples.ts';
import { liveFeatures } from './features/live-features.ts';
import { openTrunk, type Trunk } from './features/trunk.ts';
import { stack } from './freezing/cut-model.ts';
import { openTail } from './freezing/open-tail.ts';
import type { CutAt, Plan } from './freezing/plan-strategy.ts';
import { buildHead } from './heads/build-head.ts';
import { type Pooling, splitPooling } from './heads/split-pooling.ts';
import { attemptCheckpoints } from './jobs/attempt-checkpoints.ts';
import type { Watch } from './jobs/work-on-job.ts';
import type { World } from './ports.ts';
import { startStopwatch } from './stopwatch.ts';
import type { Examples } from './training/examples.ts';
import { type Fitted, fit } from './training/fit.ts';
import { lossFor } from './training/losses/loss-for.ts';

export interface TrainingContext {
  readonly job: JobRecord;
  readonly world: World;
  readonly watch: Watch;
  readonly dataset: Dataset;
  readonly split: Split;
}

export interface TrainedNetwork {
  readonly trunk: Trunk;
  /** Features at the trunk's end to logits. */
  readonly network: LayersModel;
  /** The part of the network that follows from the labels: all of it, or what ends it. */
  readonly head: LayersModel;
  /** Trains the head anew on training and validation images; undefined where the network is more than a head. */
  readonly refit?: () => Promise<LayersModel>;
  readonly history: readonly EpochRecord[];
  readonly bestEpoch: number;
  /** `both` are the training and validation images. */
  readonly examples: Readonly<Record<'train' | 'validation' | 'test' | 'both', Examples>>;
  readonly features: { readonly cached: number; readonly decoded: number };
  readonly seconds: { readonly features: number; readonly train: number };
  close(): Promise<void>;
}

/** Trains what a plan says. @throws as extractFeatures and fit */
export async function trainPlan(plan: Plan, context: TrainingContext): Promise<TrainedNetwork> {
  if (!plan.tail) return trainHead(plan.cut, context);
  const warm = plan.warmUp ? await trainHead('top', context) : undefined;
  await warm?.close();
  return trainTail(plan, warm, context);
}

async function trainHead(cut: CutAt, context: TrainingContext): Promise<TrainedNetwork> {
  const { spec } = context.job;
  const time = startStopwatch(context.world.clock);
  const { pooling, head: layers } = splitPooling(spec.head);
  const prepared = await prepare(cut, pooling, context);
  const features = time.lap();
  const newHead = () => buildHead(layers, prepared.trunk.featureShape, headOptions(context));
  const head = newHead();
  const fitted = await train('head', head, spec.training, prepared.examples, context);
  const refit = async (): Promise<LayersModel> => {
    const again = newHead();
    const training = refitTraining(layers, spec.training, fitted.bestEpoch);
    await train('refit', again, training, { ...prepared.examples, train: prepared.examples.both }, context);
    return again;
  };
  return { ...prepared, ...fitted, network: head, head, refit, seconds: { features, train: time.lap() } };
}

async function trainTail(plan: Plan, warm: TrainedNetwork | undefined, context: TrainingContext): Promise<TrainedNetwork> {
  const { spec } = context.job;
  const time = startStopwatch(context.world.clock);
  const prepared = await prepare(plan.cut, undefined, context);
  const features = time.lap() + (warm?.seconds.features ?? 0);
  const tail = await openTail(spec.backbone, plan, context.world.store);
  const shape = tail?.outputShape.slice(1) ?? prepared.trunk.featureShape;
  const head = buildHead(spec.head, shape.map(Number), headOptions(context));
  if (warm !== undefined) head.setWeights(warm.head.getWeights());
  const network = stack(tail, head);
  const training = warm === undefined ? spec.training : tailTraining(context.job);
  const fitted = await train('tail', network, training, prepared.examples, context);
  const earlier = warm?.history.length ?? 0;
  const history = [...(warm?.history ?? []), ...fitted.history.map((epoch) => ({ ...epoch, epoch: epoch.epoch + earlier }))];
  const decoded = prepared.features.decoded + (warm?.features.decoded ?? 0);
  return {
    ...prepared,
    network,
    head,
    history,
    bestEpoch: fitted.bestEpoch + earlier,
    features: { cached: prepared.features.cached, decoded },
    seconds: { features, train: time.lap() + (warm?.seconds.train ?? 0) },
  };
}

/**
 * How a head is trained on all images that it may learn from. For a linear head with L2 there is one best answer, which constant steps
 * only circle; they shrink until it is reached. Any other head gets as many epochs as did it good.
 */
function refitTraining(head: readonly HeadLayer[], training: TrainingSpec, bestEpoch: number): TrainingSpec {
  const output = head.at(-1);
  const convex = output?.layer === 'output' && output.l2 > 0 && !head.some(({ layer }) => layer === 'dense');
  if (!convex) return { ...training, epochs: bestEpoch, earlyStopping: null };
  return { ...training, schedule: { name: 'cosine', warmupEpochs: 0, finalFactor: 0 }, earlyStopping: null };
}

/** The second phase: the same optimizer at a lower rate, for fewer epochs. */
function tailTraining({ spec: { training, fineTuning } }: JobRecord): TrainingSpec {
  const { optimizer } = training;
  const learningRate = optimizer.learningRate * fineTuning.learningRateFactor;
  return {
    ...training,
    optimizer: { ...optimizer, learningRate },
    epochs: fineTuning.epochs,
    earlyStopping: { patience: fineTuning.patience },
  };
}

async function prepare(cut: CutAt, pooling: Pooling | undefined, { job, world, watch, dataset, split }: TrainingContext) {
  const trunk = await openTrunk(job.spec.backbone, { cut, pooling }, world.store);
  const images = dataset.rows.map(({ sha256 }) => sha256);
  const { features, cached, decoded } =
    cut === 'images'
      ? { features: await liveFeatures(trunk, images, world.store), cached: 0, decoded: images.length }
      : await extractFeatures(trunk, images, { store: world.store, signal: watch.signal, onProgress: imagesDone(watch, world) });
  world.log('features', { job: job.id, trunk: trunk.key, cached, decoded });
  const of = (part: readonly number[]) => featureExamples(features, dataset, part);
  const both = of([...split.train, ...split.validation].sort((a, b) => a - b));
  const examples = { train: of(split.train), validation: of(split.validation), test: of(split.test), both };
  return { trunk, examples, features: { cached, decoded }, close: () => features.close() };
}

function train(
  phase: 'head' | 'tail' | 'refit',
  model: LayersModel,
  training: TrainingSpec,
  { train, validation }: TrainedNetwork['examples'],
  { job, world, watch, dataset }: TrainingContext,
): Promise<Fitted> {
  return fit({
    model,
    loss: lossFor(taskOf(job), training),
    train,
    validation,
    training,
    labels: dataset.labels,
    checkpoints: { store: attemptCheckpoints(job, phase, world.store), clock: world.clock },
    onEpoch: epochsDone(training.epochs, job, watch, world),
    keep: phase === 'refit' ? 'last' : 'best',
    breathe: watch.settled,
    signal: watch.signal,
    log: world.log,
  });
}

/** As the record has it: `auto` was resolved when the job was made. */
export function taskOf({ spec }: JobRecord): 'single-label' | 'multi-label' {
  return spec.task === 'multi-label' ? spec.task : 'single-label';
}

function headOptions({ job, dataset }: TrainingContext): { classes: number; seed: number } {
  return { classes: dataset.labels.length, seed: job.spec.training.seed };
}

function imagesDone({ report }: Watch, { clock }: World): (done: number, total: number) => void {
  const start = clock.now().getTime();
  return (done, total) => {
    const imagesPerSecond = done / Math.max((clock.now().getTime() - start) / 1000, 0.001);
    report({ stage: 'features', done, total, imagesPerSecond, secondsLeft: (total - done) / imagesPerSecond });
  };
}

function epochsDone(epochs: number, { id }: JobRecord, { report }: Watch, { clock, log }: World): (epoch: EpochRecord) => void {
  const start = clock.now().getTime();
  return ({ epoch, loss, accuracy, validationLoss, validationAccuracy }) => {
    const perEpoch = (clock.now().getTime() - start) / 1000 / epoch;
    const said: Partial<JobProgress> = { loss, accuracy, validationLoss, validationAccuracy };
    log('epoch', { job: id, epoch, ...said });
    report({ stage: 'train', done: epoch, total: epochs, ...said, secondsLeft: perEpoch * (epochs - epoch) });
  };
}
