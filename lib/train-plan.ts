/** From a plan to a trained network: features up to the cut, then everything behind it trains. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { HeadLayer } from './contracts/head-spec.ts';
import type { JobProgress, JobRecord } from './contracts/job.ts';
import type { JobSpec } from './contracts/job-spec.ts';
import type { EpochRecord } from './contracts/model.ts';
import type { TrainingSpec } from './contracts/training-spec.ts';
import type { Trunk } from './features/trunk.ts';
import { stack } from './freezing/cut-model.ts';
import { round } from './freezing/evidence.ts';
import { openTail } from './freezing/open-tail.ts';
import type { Plan } from './freezing/plan-strategy.ts';
import { buildHead } from './heads/build-head.ts';
import { splitPooling } from './heads/split-pooling.ts';
import { attemptCheckpoints, type Phase } from './jobs/attempt-checkpoints.ts';
import type { Watch } from './jobs/work-on-job.ts';
import type { World } from './ports.ts';
import { type PreparedExamples, prepareExamples, type TrainingContext } from './prepare-examples.ts';
import { startStopwatch } from './stopwatch.ts';
import { type Blend, blendWeights, chooseBlend, copyWeights } from './training/blend-weights.ts';
import { checkTrainingMemory } from './training/check-memory.ts';
import { type Fitted, fit } from './training/fit.ts';
import { lossFor } from './training/losses/loss-for.ts';
import type { Snapshot } from './training/snapshot.ts';

export interface TrainedNetwork extends PreparedExamples {
  /** Features at the trunk's end to logits. */
  readonly network: LayersModel;
  /** The part of the network that follows from the labels: all of it, or what ends it. */
  readonly head: LayersModel;
  /** As planned, or what it came to where the images said otherwise. */
  readonly strategy: Pick<Plan, 'name' | 'reason' | 'evidence'>;
  /** Trains the network anew on training and validation images; undefined where it was not trained in phases of Graft's own. */
  readonly refit?: () => Promise<Refitted>;
  readonly history: readonly EpochRecord[];
  readonly bestEpoch: number;
  readonly seconds: { readonly features: number; readonly train: number };
}

export type Refitted = Pick<TrainedNetwork, 'network' | 'head'>;

/** Trains what a plan says. @throws as extractFeatures and fit; CapacityError as checkTrainingMemory */
export async function trainPlan(plan: Plan, context: TrainingContext): Promise<TrainedNetwork> {
  if (!plan.tail) return trainHead(plan, plan.cut, context);
  if (!plan.warmUp) return trainTail(plan, context);
  return fineTuneTail(plan, await trainHead(plan, 'top', context), context);
}

async function trainHead(
  strategy: TrainedNetwork['strategy'],
  cut: Plan['cut'],
  context: TrainingContext,
): Promise<TrainedNetwork> {
  const { spec } = context.job;
  const time = startStopwatch(context.world.clock);
  const { pooling, head: layers } = splitPooling(spec.head);
  const prepared = await prepareExamples(cut, pooling, context);
  const features = time.lap();
  const newHead = () => buildHead(layers, prepared.trunk.featureShape, headOptions(context));
  const head = newHead();
  const fitted = await train('head', head, spec.training, prepared.examples, context);
  const refit = async (): Promise<Refitted> => {
    const again = newHead();
    const training = refitTraining(layers, spec.training, fitted.bestEpoch);
    await train('refit', again, training, onBoth(prepared.examples), context, 'last');
    return { network: again, head: again };
  };
  return { ...prepared, ...fitted, strategy, network: head, head, refit, seconds: { features, train: time.lap() } };
}

/** All behind the cut in one phase, from the pretrained weights and a new head on, as a Keras user would do it. */
async function trainTail(plan: Plan, context: TrainingContext): Promise<TrainedNetwork> {
  const { training } = context.job.spec;
  const time = startStopwatch(context.world.clock);
  const prepared = await prepareExamples(plan.cut, undefined, context);
  const features = time.lap();
  const opened = await openNetwork(plan, prepared.trunk, undefined, context);
  const fitted = await train('tail', opened.network, training, prepared.examples, context);
  return { ...prepared, ...opened, ...fitted, strategy: plan, seconds: { features, train: time.lap() } };
}

/**
 * The head is there; the tail now trains with it at a lower rate. What is kept lies on the way between the weights before and after,
 * as far as the validation images like it; where a plan allows and they like none of it, the frozen backbone is the answer.
 */
async function fineTuneTail(plan: Plan, warm: TrainedNetwork, context: TrainingContext): Promise<TrainedNetwork> {
  const { spec } = context.job;
  const time = startStopwatch(context.world.clock);
  const prepared = await prepareExamples(plan.cut, undefined, context);
  const features = time.lap() + warm.seconds.features;
  const opened = await openNetwork(plan, prepared.trunk, warm.head, context);
  const training = tailTraining(spec);
  const keep = spec.fineTuning.blend ? 'last' : 'best';
  const before = await copyWeights(opened.network);
  const fitted = await train('tail', opened.network, training, prepared.examples, context, keep);
  const blend = spec.fineTuning.blend ? await blendOf(opened.network, before, plan, prepared.examples, context) : undefined;
  const seconds = { features, train: time.lap() + warm.seconds.train };
  if (blend?.share === 0) {
    await prepared.close();
    return { ...warm, strategy: stayedFrozen(plan, blend), seconds };
  }
  const earlier = warm.history.length;
  const refit = async (): Promise<Refitted> => {
    const warmAgain = await warm.refit?.();
    const again = await openNetwork(plan, prepared.trunk, warmAgain?.head, context);
    const start = await copyWeights(again.network);
    const epochs = keep === 'last' ? fitted.history.length : fitted.bestEpoch;
    const refitted = { ...training, epochs, earlyStopping: null };
    await train('tail-refit', again.network, refitted, onBoth(prepared.examples), context, 'last');
    if (blend !== undefined) blendWeights(again.network, start, await copyWeights(again.network), blend.share);
    return again;
  };
  return {
    ...prepared,
    ...opened,
    strategy: blend === undefined ? plan : { ...plan, evidence: { ...plan.evidence, ...blendNumbers(blend) } },
    refit,
    history: [...warm.history, ...fitted.history.map((epoch) => ({ ...epoch, epoch: epoch.epoch + earlier }))],
    bestEpoch: earlier + (keep === 'last' ? fitted.history.length : fitted.bestEpoch),
    features: { cached: prepared.features.cached, decoded: prepared.features.decoded + warm.features.decoded },
    seconds,
    async close() {
      await prepared.close();
      await warm.close();
    },
  };
}

async function blendOf(
  network: LayersModel,
  before: Snapshot,
  plan: Plan,
  { validation }: TrainedNetwork['examples'],
  { job, world }: TrainingContext,
): Promise<Blend> {
  const copies = { before, after: await copyWeights(network), mayStay: plan.mayStayFrozen };
  const blend = await chooseBlend(network, copies, { validation, loss: lossFor(taskOf(job), job.spec.training) });
  world.log('blend', { job: job.id, ...blendNumbers(blend) });
  return blend;
}

/** Not a failure but an answer: the validation images liked no step away from the frozen backbone. */
function stayedFrozen(plan: Plan, blend: Blend): TrainedNetwork['strategy'] {
  const [frozen, tuned] = [blend.losses.get(0) ?? 0, blend.losses.get(1) ?? 0];
  return {
    name: 'feature-extraction',
    reason: `${plan.reason} It was tried (${plan.name}) and did no good: the validation loss rose from ${frozen.toFixed(3)} to ${tuned.toFixed(3)}, and on the way there by more than chance, so all layers stayed frozen.`,
    evidence: { ...plan.evidence, ...blendNumbers(blend) },
  };
}

function blendNumbers({ share, losses }: Blend): Record<string, number> {
  return { blend: share, ...Object.fromEntries([...losses].map(([at, loss]) => [`validationLoss.${at}`, round(loss)])) };
}

/** A network from the features at the plan's cut to logits; its head is new, or begins with the weights of one that was trained. */
async function openNetwork(plan: Plan, trunk: Trunk, head: LayersModel | undefined, context: TrainingContext): Promise<Refitted> {
  const { spec } = context.job;
  const tail = await openTail(spec.backbone, plan, context.world.store);
  const shape = tail?.outputShape.slice(1) ?? trunk.featureShape;
  const fresh = buildHead(spec.head, shape.map(Number), headOptions(context));
  if (head !== undefined) fresh.setWeights(head.getWeights());
  return { network: stack(tail, fresh), head: fresh };
}

function onBoth(examples: TrainedNetwork['examples']): TrainedNetwork['examples'] {
  return { ...examples, train: examples.both };
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
function tailTraining({ training, fineTuning }: JobSpec): TrainingSpec {
  const { optimizer } = training;
  const { learningRateFactor, epochs, schedule, earlyStopping } = fineTuning;
  const learningRate = optimizer.learningRate * learningRateFactor;
  return { ...training, optimizer: { ...optimizer, learningRate }, epochs, schedule, earlyStopping };
}

async function train(
  phase: Phase,
  model: LayersModel,
  training: TrainingSpec,
  { train, validation }: TrainedNetwork['examples'],
  { job, world, watch, dataset }: TrainingContext,
  keep: 'best' | 'last' = 'best',
): Promise<Fitted> {
  const loss = lossFor(taskOf(job), training);
  await checkTrainingMemory({ model, loss, training });
  return fit({
    model,
    loss,
    train,
    validation,
    training,
    labels: dataset.labels,
    checkpoints: { store: attemptCheckpoints(job, phase, world.store), clock: world.clock },
    onEpoch: epochsDone(training.epochs, job, watch, world),
    keep,
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

function epochsDone(epochs: number, { id }: JobRecord, { report }: Watch, { clock, log }: World): (epoch: EpochRecord) => void {
  const start = clock.now().getTime();
  return ({ epoch, loss, accuracy, validationLoss, validationAccuracy }) => {
    const perEpoch = (clock.now().getTime() - start) / 1000 / epoch;
    const said: Partial<JobProgress> = { loss, accuracy, validationLoss, validationAccuracy };
    log('epoch', { job: id, epoch, ...said });
    report({ stage: 'train', done: epoch, total: epochs, ...said, secondsLeft: perEpoch * (epochs - epoch) });
  };
}
