/** The network that trains after a cut: how to open it, and the result of its training. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { EpochRecord } from '../contracts/model-card.ts';
import type { TrainingSpec } from '../contracts/training-spec.ts';
import type { Fold } from '../datasets/splits/assign-folds.ts';
import { closeOnFailure } from '../features/close-on-failure.ts';
import type { Trunk } from '../features/trunk.ts';
import { stack } from '../freezing/cut-model.ts';
import { trainedStages } from '../freezing/cut-plan.ts';
import { openTail } from '../freezing/open-tail.ts';
import type { Plan, StrategyRecord } from '../freezing/plan-strategy.ts';
import { buildHead, type HeadOptions } from '../heads/build-head.ts';
import type { EngineNetwork } from '../training/engine.ts';
import { subsetOf } from '../training/examples.ts';
import { disposeWeights } from '../training/layers-model/dispose-weights.ts';
import { leafLayers } from '../training/layers-model/leaf-layers.ts';
import type { LabelledLogits } from '../training/metrics/labelled-logits.ts';
import type { TailLayers } from '../training/tail-phases.ts';
import { openTrainable } from './open-trainable.ts';
import type { PreparedExamples } from './prepare-examples.ts';
import type { TrainingSet } from './train-phases.ts';
import { type TrainingContext, taskOf } from './training-context.ts';
import type { TuningTimes } from './tuning-times.ts';

export interface TrainedNetwork extends PreparedExamples, Network {
  /** As planned, or changed by the validation images, or by a user who finished the job early. */
  readonly strategy: StrategyRecord & { readonly finishedEarly?: boolean };
  /** As in the spec, with the learning rate that was found if the spec asks for that. */
  readonly training: TrainingSpec;
  /**
   * Whether the network may be retrained on training and validation images, as Graft's own strategies do and Keras does
   * not.
   */
  readonly canRetrain: boolean;
  /** Whether the seed changes nothing in its training, as in closed form. */
  readonly ignoresSeed?: boolean;
  /** The name of its fine-tuning within the job, if it had one. */
  readonly tuning?: string;
  /** The measured time of its fine-tuning, if strategy `auto` measured it. */
  readonly timed?: TuningTimes;
  /** Trains another network with the same recipe: a convex head for all epochs, anything else for the best number of epochs. */
  readonly retrain: (retrainOptions: RetrainOptions) => Promise<Network>;
  /**
   * Scores the validation images of each fold with a head that was not trained on them, float32 [rows, classes]; calls
   * `report` after each epoch. Undefined if layers of the backbone train, which takes too long.
   */
  readonly scoreFolds: ((folds: readonly Fold[], report: () => void) => Promise<readonly Float32Array[]>) | undefined;
  /** Scores by cross-validation, or of the validation images where these are many, if they were computed before. */
  readonly held?: HeldOutScores;
  readonly history: readonly EpochRecord[];
  readonly bestEpoch: number;
  /** Of the training, without its features: the job counts those when it computes them. */
  readonly seconds: number;
}

/** Scores of images that a network was not trained on. */
export interface HeldOutScores {
  readonly scores: LabelledLogits;
  /** The data set's row of each score, [scores.count]. */
  readonly rows: readonly number[];
  /** The fold of each score, [scores.count]; undefined for those of the validation images. */
  readonly foldOf: readonly number[] | undefined;
}

export interface Network {
  /** From features at the cut to logits, in the engine. */
  readonly network: EngineNetwork;
  /** Its layers and weights. */
  readonly model: LayersModel;
  /** The part of the model whose size depends on the labels: the whole model, or its end. */
  readonly head: LayersModel;
}

/** Options of retraining a network. */
export interface RetrainOptions {
  /** Name of the training within the job. */
  readonly name: string;
  /** The training and validation images to train on, and those to evaluate on; default: it trains on all of them. */
  readonly rows?: Fold;
  /** Default: the job's. */
  readonly seed?: number;
  /** Called after each epoch of a head; default: reports that the job trains. Trainings of a tail ignore it. */
  readonly report?: () => void;
}

/** The training of a head, if it differs from the job's first one. */
export interface HeadTraining {
  /** Of its initial kernels. Default: the job's. */
  readonly seed?: number;
  /** Number of images that it trains on, which divides the prior. Default: the training images. */
  readonly images?: number;
}

/** The training of a head in a retraining: on some rows, or on all training and validation images. */
export function headTraining({ rows, seed }: RetrainOptions, { split }: Pick<TrainingContext, 'split'>): HeadTraining {
  const images = rows?.train.length ?? split.train.length + split.validation.length;
  return { images, ...(seed !== undefined && { seed }) };
}

/**
 * Opens a network from the features at the plan's cut to logits. Its head is new, or starts with the weights of a
 * trained head.
 */
export async function openNetwork(
  plan: Plan,
  trunk: Trunk,
  head: LayersModel | undefined,
  context: TrainingContext,
  training?: HeadTraining,
): Promise<Network & { readonly layers: TailLayers }> {
  const { spec } = context.job;
  const tail = await openTail(spec.backbone, plan, context.world.store, context.jobContext.signal);
  const shape = tail?.outputShape.slice(1) ?? trunk.featureShape;
  const newHead = buildHead(spec.head, shape.map(Number), headOptions(context, training));
  if (head !== undefined) newHead.setWeights(head.getWeights());
  const layers = { stages: trainedStages(plan, spec.backbone), head: layerNames(newHead) };
  const model = stack(tail, newHead);
  const trainable = [...layers.stages.flat(), ...layers.head];
  const close = async () => disposeWeights(model);
  const network = await closeOnFailure({ close }, () => openTrainable({ model, trainable }, context));
  return { network, model, head: newHead, layers };
}

/** A linear head with weights of zero. @param shape of its input: [columns] */
export function zeroHead(shape: readonly number[], context: TrainingContext): LayersModel {
  return buildHead([{ layer: 'output', useBias: true, l1: 0, l2: 0, kernelInitializer: 'zeros' }], shape, headOptions(context));
}

export function headOptions({ job, dataset, split }: TrainingContext, training: HeadTraining = {}): HeadOptions {
  const { seed = job.spec.training.seed, images = split.train.length } = training;
  const classes = dataset.labels.length;
  const lossTerms = images * (taskOf(job) === 'multi-label' ? classes : 1);
  return { classes, seed, lossTerms };
}

export function layerNames(model: LayersModel): string[] {
  return leafLayers(model).map(({ layer }) => layer.name);
}

/**
 * All training and validation images, whose validation metrics then have no meaning; or some of them to train on, and
 * the others to evaluate on.
 */
export function trainingSet(
  { trainAndValidation, validation }: TrainedNetwork['examples'],
  { rows }: RetrainOptions,
): TrainingSet {
  if (rows === undefined) return { phase: 'retraining', train: trainAndValidation, validation };
  return {
    phase: 'cross-validation',
    train: subsetOf(trainAndValidation, rows.train),
    validation: subsetOf(trainAndValidation, rows.validation),
  };
}

/** The context of another training within the job. */
export function contextFor({ report }: RetrainOptions, context: TrainingContext): TrainingContext {
  return report === undefined ? context : { ...context, jobContext: { ...context.jobContext, report } };
}

export function withSeed(training: TrainingSpec, { seed = training.seed }: RetrainOptions): TrainingSpec {
  return { ...training, seed };
}
