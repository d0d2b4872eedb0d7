/** From a plan to a trained network: features up to the cut, then everything behind it trains. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { backboneCost } from '../backbones/backbone-cost.ts';
import type { HeadLayer } from '../contracts/head-spec.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import type { EpochRecord } from '../contracts/model.ts';
import type { TrainingSpec } from '../contracts/training-spec.ts';
import type { Trunk } from '../features/trunk.ts';
import { stack } from '../freezing/cut-model.ts';
import { openTail } from '../freezing/open-tail.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { tailStages } from '../freezing/tail-stages.ts';
import { buildHead, type HeadOptions } from '../heads/build-head.ts';
import { splitPooling } from '../heads/split-pooling.ts';
import { startStopwatch } from '../stopwatch.ts';
import { blendWeights, copyWeights } from '../training/blend-weights.ts';
import { subsetOf } from '../training/examples.ts';
import { inOneRow, phasesThatDidGood } from '../training/fit-phases.ts';
import type { Fold } from '../training/k-fold.ts';
import { leafLayers } from '../training/leaf-layers.ts';
import { type TailLayers, tailPhases } from '../training/tail-phases.ts';
import { blendNumbers, blendOf, stayedFrozen } from './half-way.ts';
import { type PreparedExamples, prepareExamples, type TrainingContext } from './prepare-examples.ts';
import { foretellMemory, type LearningSet, taskOf, trainPhases, withFoundRate } from './train-phases.ts';

export interface TrainedNetwork extends PreparedExamples, Network {
  /** As planned, or what it came to where the images said otherwise. */
  readonly strategy: Pick<Plan, 'name' | 'reason' | 'evidence'>;
  /** As asked, with the learning rate that was found where one was looked for. */
  readonly training: TrainingSpec;
  /** Whether the network may be trained anew on training and validation images, as Graft's own strategies do and Keras does not. */
  readonly mayRefit: boolean;
  /** Trains another network in the same way, for as many epochs as did this one good. */
  readonly again: (anew: Anew) => Promise<Network>;
  readonly history: readonly EpochRecord[];
  readonly bestEpoch: number;
  readonly seconds: { readonly features: number; readonly train: number };
}

export interface Network {
  /** Features at the trunk's end to logits. */
  readonly network: LayersModel;
  /** The part of the network that follows from the labels: all of it, or what ends it. */
  readonly head: LayersModel;
}

/** A network that is trained once more. */
export interface Anew {
  /** Of the training, within the job. */
  readonly name: string;
  /** Which of the training and validation images it learns from, and which judge it; default: it learns from all of them. */
  readonly rows?: Fold;
  /** Default: the job's. */
  readonly seed?: number;
}

/** Trains what a plan says. @throws as extractFeatures, foretellMemory and trainPhases */
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
  const newHead = (seed?: number) => buildHead(layers, prepared.trunk.featureShape, headOptions(context, seed));
  const head = newHead();
  await foretellMemory(head, context);
  const training = await withFoundRate(spec.training, { model: head }, prepared.examples, context);
  const phases = [{ trainable: namesOf(head), training }];
  const fitted = inOneRow(await trainPhases('head', head, phases, prepared.examples, context));
  const again = async (anew: Anew): Promise<Network> => {
    const other = newHead(anew.seed);
    const phase = { trainable: namesOf(other), training: seeded(refitTraining(layers, training, fitted.bestEpoch), anew) };
    await trainPhases(anew.name, other, [phase], learningSet(prepared.examples, anew), context, 'last');
    return { network: other, head: other };
  };
  const seconds = { features, train: time.lap() };
  return { ...prepared, ...fitted, strategy, training, network: head, head, mayRefit: true, again, seconds };
}

/** All behind the cut from the pretrained weights and a new head on, as a Keras user would do it. */
async function trainTail(plan: Plan, context: TrainingContext): Promise<TrainedNetwork> {
  const { spec } = context.job;
  const time = startStopwatch(context.world.clock);
  const prepared = await prepareExamples(plan.cut, undefined, context);
  const features = time.lap();
  const opened = await openNetwork(plan, prepared.trunk, undefined, context);
  await foretellMemory(opened.network, context);
  const { layerRate } = tailPhases(opened.layers, spec.training, spec.fineTuning, true)[0] ?? {};
  const training = await withFoundRate(spec.training, { model: opened.network, layerRate }, prepared.examples, context);
  const phases = tailPhases(opened.layers, training, spec.fineTuning, true);
  const fitted = await trainPhases('tail', opened.network, phases, prepared.examples, context);
  const again = async (anew: Anew): Promise<Network> => {
    const other = await openNetwork(plan, prepared.trunk, undefined, context, anew.seed);
    const repeated = phasesThatDidGood(phases, fitted).map((phase) => ({ ...phase, training: seeded(phase.training, anew) }));
    await trainPhases(anew.name, other.network, repeated, learningSet(prepared.examples, anew), context, 'last');
    return other;
  };
  const seconds = { features, train: time.lap() };
  return { ...prepared, ...opened, ...inOneRow(fitted), strategy: plan, training, mayRefit: false, again, seconds };
}

/**
 * The head is there; the tail now trains with it at a lower rate. What is kept lies on the way between the weights before and after,
 * as far as the validation images like it; where a plan allows and they like none of it, the frozen backbone is the answer.
 */
async function fineTuneTail(plan: Plan, warm: TrainedNetwork, context: TrainingContext): Promise<TrainedNetwork> {
  const { fineTuning } = context.job.spec;
  const time = startStopwatch(context.world.clock);
  const prepared = await prepareExamples(plan.cut, undefined, context);
  const features = time.lap() + warm.seconds.features;
  const opened = await openNetwork(plan, prepared.trunk, warm.head, context);
  const phases = tailPhases(opened.layers, tailTraining(warm.training, fineTuning), fineTuning, false);
  const keep = fineTuning.blend ? 'last' : 'best';
  await foretellMemory(opened.network, context);
  const before = await copyWeights(opened.network);
  const fitted = await trainPhases('tail', opened.network, phases, prepared.examples, context, keep);
  const blend = fineTuning.blend ? await blendOf(opened.network, before, plan, prepared.examples.validation, context) : undefined;
  const seconds = { features, train: time.lap() + warm.seconds.train };
  if (blend?.share === 0) {
    await prepared.close();
    return { ...warm, strategy: stayedFrozen(plan, blend), seconds };
  }
  const again = async (anew: Anew): Promise<Network> => {
    const warmAgain = await warm.again(anew);
    const other = await openNetwork(plan, prepared.trunk, warmAgain.head, context, anew.seed);
    const start = await copyWeights(other.network);
    const repeated = phasesThatDidGood(phases, fitted, keep).map((phase) => ({
      ...phase,
      training: seeded(phase.training, anew),
    }));
    await trainPhases(`tail-${anew.name}`, other.network, repeated, learningSet(prepared.examples, anew), context, 'last');
    if (blend !== undefined) blendWeights(other.network, start, await copyWeights(other.network), blend.share);
    return other;
  };
  const { history, bestEpoch } = inOneRow(fitted, keep);
  const earlier = warm.history.length;
  return {
    ...prepared,
    ...opened,
    strategy: blend === undefined ? plan : { ...plan, evidence: { ...plan.evidence, ...blendNumbers(blend) } },
    training: warm.training,
    mayRefit: true,
    again,
    history: [...warm.history, ...history.map((epoch) => ({ ...epoch, epoch: epoch.epoch + earlier }))],
    bestEpoch: earlier + bestEpoch,
    features: { cached: prepared.features.cached, decoded: prepared.features.decoded + warm.features.decoded },
    seconds,
    async close() {
      await prepared.close();
      await warm.close();
    },
  };
}

/** A network from the features at the plan's cut to logits; its head is new, or begins with the weights of one that was trained. */
async function openNetwork(
  plan: Plan,
  trunk: Trunk,
  head: LayersModel | undefined,
  context: TrainingContext,
  seed?: number,
): Promise<Network & { readonly layers: TailLayers }> {
  const { spec } = context.job;
  const tail = await openTail(spec.backbone, plan, context.world.store);
  const shape = tail?.outputShape.slice(1) ?? trunk.featureShape;
  const fresh = buildHead(spec.head, shape.map(Number), headOptions(context, seed));
  if (head !== undefined) fresh.setWeights(head.getWeights());
  const layers = { stages: tailStages(tail, backboneCost(spec.backbone).cuts), head: namesOf(fresh) };
  return { network: stack(tail, fresh), head: fresh, layers };
}

function namesOf(model: LayersModel): string[] {
  return leafLayers(model).map(({ layer }) => layer.name);
}

/** All images that may be learnt from; or some of them, judged by others. */
function learningSet({ both, validation }: TrainedNetwork['examples'], { rows }: Anew): LearningSet {
  if (rows === undefined) return { train: both, validation };
  return { train: subsetOf(both, rows.train), validation: subsetOf(both, rows.validation) };
}

function seeded(training: TrainingSpec, { seed = training.seed }: Anew): TrainingSpec {
  return { ...training, seed };
}

/**
 * How a head is trained on all images that it may learn from. For a linear head with L2 there is one best answer, which constant steps
 * only circle; they shrink until it is reached. Any other head gets as many epochs as did it good.
 */
function refitTraining(head: readonly HeadLayer[], training: TrainingSpec, bestEpoch: number): TrainingSpec {
  const output = head.at(-1);
  const convex = output?.layer === 'output' && output.l2 !== 0 && !head.some(({ layer }) => layer === 'dense');
  if (!convex) return { ...training, epochs: bestEpoch, earlyStopping: null };
  return { ...training, schedule: { name: 'cosine', warmupEpochs: 0, finalFactor: 0 }, earlyStopping: null };
}

/** The second phase: the same optimizer at a lower rate, for fewer epochs. */
function tailTraining(training: TrainingSpec, fineTuning: JobSpec['fineTuning']): TrainingSpec {
  const { optimizer } = training;
  const { learningRateFactor, epochs, schedule, earlyStopping } = fineTuning;
  const learningRate = optimizer.learningRate * learningRateFactor;
  return { ...training, optimizer: { ...optimizer, learningRate }, epochs, schedule, earlyStopping };
}

function headOptions({ job, dataset, split }: TrainingContext, seed = job.spec.training.seed): HeadOptions {
  const classes = dataset.labels.length;
  const lossTerms = split.train.length * (taskOf(job) === 'multi-label' ? classes : 1);
  return { classes, seed, lossTerms };
}
