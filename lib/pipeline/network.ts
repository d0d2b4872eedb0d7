/** What trains behind a cut: how it is opened, and what is known of it when it has been trained. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { EpochRecord } from '../contracts/model.ts';
import type { TrainingSpec } from '../contracts/training-spec.ts';
import type { Fold } from '../datasets/splits/assign-folds.ts';
import type { Trunk } from '../features/trunk.ts';
import { stack } from '../freezing/cut-model.ts';
import { trainedStages } from '../freezing/cut-plan.ts';
import { openTail } from '../freezing/open-tail.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { buildHead, type HeadOptions } from '../heads/build-head.ts';
import type { EngineNetwork } from '../training/engine.ts';
import { subsetOf } from '../training/examples.ts';
import type { TailLayers } from '../training/tail-phases.ts';
import { leafLayers } from '../training/tensorflow/leaf-layers.ts';
import type { PreparedExamples } from './prepare-examples.ts';
import type { TuningSeconds } from './time-tuning.ts';
import type { TrainingSet } from './train-phases.ts';
import { type TrainingContext, taskOf } from './training-context.ts';
import type { TrainingSeconds } from './work-log.ts';

export interface TrainedNetwork extends PreparedExamples, Network {
  /** As planned, or what it came to where the images said otherwise. */
  readonly strategy: Pick<Plan, 'name' | 'reason' | 'evidence'>;
  /** As asked, with the learning rate that was found where one was looked for. */
  readonly training: TrainingSpec;
  /** Whether the network may be retrained on training and validation images, as Graft's own strategies do and Keras does not. */
  readonly canRetrain: boolean;
  /** What its fine-tuning takes, where strategy `auto` has measured that. */
  readonly timed?: TuningSeconds;
  /** Trains another network in the same way, for as many epochs as lowered the loss of this one. */
  readonly retrain: (retrainOptions: RetrainOptions) => Promise<Network>;
  /**
   * Scores of each fold's validation images by a head that has not seen them, float32 [rows, classes]; `report` is called as the work
   * goes on. Undefined where layers of the backbone train, which takes too long for that.
   */
  readonly scoreFolds: ((folds: readonly Fold[], report: () => void) => Promise<readonly Float32Array[]>) | undefined;
  readonly history: readonly EpochRecord[];
  readonly bestEpoch: number;
  readonly seconds: TrainingSeconds;
}

export interface Network {
  /** Features at the trunk's end to logits, in the engine. */
  readonly network: EngineNetwork;
  /** Its layers and their weights. */
  readonly model: LayersModel;
  /** The part of the model whose size follows from the labels: all of it, or its end. */
  readonly head: LayersModel;
}

/** A network that is trained once more. */
export interface RetrainOptions {
  /** Of the training, within the job. */
  readonly name: string;
  /** Which of the training and validation images it learns from, and which judge it; default: it learns from all of them. */
  readonly rows?: Fold;
  /** Default: the job's. */
  readonly seed?: number;
  /** What is told of its epochs; default: that the job trains. */
  readonly report?: () => void;
}

/** A network from the features at the plan's cut to logits; its head is new, or begins with the weights of one that was trained. */
export async function openNetwork(
  plan: Plan,
  trunk: Trunk,
  head: LayersModel | undefined,
  context: TrainingContext,
  seed?: number,
): Promise<Network & { readonly layers: TailLayers }> {
  const { spec } = context.job;
  const tail = await openTail(spec.backbone, plan, context.world.store);
  const shape = tail?.outputShape.slice(1) ?? trunk.featureShape;
  const newHead = buildHead(spec.head, shape.map(Number), headOptions(context, seed));
  if (head !== undefined) newHead.setWeights(head.getWeights());
  const layers = { stages: trainedStages(plan, spec.backbone), head: layerNames(newHead) };
  const model = stack(tail, newHead);
  return { network: context.engine.open(model), model, head: newHead, layers };
}

export function headOptions({ job, dataset, split }: TrainingContext, seed = job.spec.training.seed): HeadOptions {
  const classes = dataset.labels.length;
  const lossTerms = split.train.length * (taskOf(job) === 'multi-label' ? classes : 1);
  return { classes, seed, lossTerms };
}

export function layerNames(model: LayersModel): string[] {
  return leafLayers(model).map(({ layer }) => layer.name);
}

/** All images that may be learnt from, whose validation then says nothing; or some of them, judged by others. */
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

/** For a training of its own within the job. */
export function contextFor({ report }: RetrainOptions, context: TrainingContext): TrainingContext {
  return report === undefined ? context : { ...context, jobContext: { ...context.jobContext, report } };
}

export function withSeed(training: TrainingSpec, { seed = training.seed }: RetrainOptions): TrainingSpec {
  return { ...training, seed };
}
