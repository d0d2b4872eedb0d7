/** The network that trains after a cut, and the result of its training. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { EpochRecord } from '../contracts/model-card.ts';
import type { TrainingSpec } from '../contracts/training-spec.ts';
import type { Fold } from '../datasets/splits/assign-folds.ts';
import type { StrategyRecord } from '../freezing/plan-strategy.ts';
import type { EngineNetwork } from '../training/engine.ts';
import type { LabelledLogits } from '../training/metrics/labelled-logits.ts';
import type { PreparedExamples } from './prepare-examples.ts';
import type { RetrainOptions } from './retraining.ts';
import type { TuningTimes } from './tuning/tuning-times.ts';

/** The layers after the cut with the head, before or after their training. */
export interface Network {
  /** From features at the cut to logits, in the engine. */
  readonly network: EngineNetwork;
  /** Its layers and weights. */
  readonly model: LayersModel;
  /** The part of the model whose size depends on the labels: the whole model, or its end. */
  readonly head: LayersModel;
}

/**
 * The result of a training, with what calibrates, compares and retrains its network. `trains` says what trains in it, as
 * in the plan (`TrainedPart`). If a fine-tuning is left out or not kept, the result of its plan is a frozen network: the
 * head on all stages where one was fitted, otherwise the head that it began with.
 */
export type TrainedNetwork = TrainedHead | TrainedTail | FineTunedNetwork;

/** A head on the features of a frozen backbone. */
export interface TrainedHead extends Trained {
  readonly trains: 'head' | 'stage-head';
  /**
   * Scores the validation images of each fold with a head that was not trained on them, float32 [rows, classes]; calls
   * `report` after each epoch.
   */
  readonly scoreFolds: (folds: readonly Fold[], report: () => void) => Promise<readonly Float32Array[]>;
}

/** Layers of the backbone and a new head, which trained in one phase. */
export interface TrainedTail extends Trained {
  readonly trains: 'tail';
}

/** Layers of the backbone, which trained with a trained head; or the average of such a network and a head. */
export interface FineTunedNetwork extends Trained {
  readonly trains: 'head-then-tail';
  /** The name of the fine-tuning within the job. */
  readonly tuning: string;
  /** The measured time of the fine-tuning, if strategy `auto` chose it. */
  readonly timed?: TuningTimes;
}

interface Trained extends PreparedExamples, Network {
  /** As planned, or changed by the validation images, or by a user who finished the job early. */
  readonly strategy: StrategyRecord & { readonly finishedEarly?: boolean };
  /** As in the spec, with the learning rate that was found if the spec asks for that. */
  readonly training: TrainingSpec;
  /** Trains another network with the same recipe: a convex head for all epochs, anything else for the best number of epochs. */
  readonly retrain: (retrainOptions: RetrainOptions) => Promise<Network>;
  /** Scores by cross-validation, or of the validation images where these are many, if they were computed before. */
  readonly held?: HeldOutScores;
  readonly history: readonly EpochRecord[];
  readonly bestEpoch: number;
  /** Of the training, without its features: the job counts those when it computes them. */
  readonly seconds: number;
}

/** The measured time of a network's fine-tuning; undefined if it had none, or the user named its strategy. */
export function tuningTimesOf(trained: TrainedNetwork): TuningTimes | undefined {
  return trained.trains === 'head-then-tail' ? trained.timed : undefined;
}

/** Scores of images that a network was not trained on. */
export interface HeldOutScores {
  readonly scores: LabelledLogits;
  /** The data set's row of each score, [scores.count]. */
  readonly rows: readonly number[];
  /** The fold of each score, [scores.count]; undefined for those of the validation images. */
  readonly foldOf: readonly number[] | undefined;
}
