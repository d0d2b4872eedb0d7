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

/** The result of a training, with what calibrates, compares and retrains its network. */
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
  /** Whether its head is fitted in closed form: the seed changes nothing, and another fit takes little time. */
  readonly inClosedForm?: boolean;
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
