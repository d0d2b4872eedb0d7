/** What the training loop needs of the software that computes a network: TensorFlow.js has one such engine (`tensorflow/`). */
import type { OptimizerSpec, TrainingSpec } from '../contracts/training-spec.ts';
import type { Log } from '../ports.ts';
import type { ClassWeights } from './class-weights.ts';
import type { Batch } from './examples.ts';
import type { Loss } from './losses/loss.ts';
import type { Snapshot } from './snapshot.ts';

/** What computes networks, and how its checkpoints name it. */
export interface Engine<Model> {
  readonly runtime: EngineRuntime;
  /** A model as a network that can be trained. It shares the model's weights. */
  open(model: Model): EngineNetwork;
}

/** Part of a checkpoint: another runtime may give other last bits. */
export interface EngineRuntime {
  readonly name: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** A network in an engine: inputs [n, ...inputShape] to logits [n, classes]. */
export interface EngineNetwork {
  readonly runtime: EngineRuntime;
  /**
   * Logits of a batch in inference mode.
   * @returns logits float32 [n, classes], and the mean loss without penalties
   */
  evaluate(batch: Batch, loss: Loss): Promise<{ readonly logits: Float32Array; readonly loss: number }>;
  /** What the regularizers of the layers add to the loss. */
  penalty(): Promise<number>;
  /** Lets the layers of these names train, and no others. @returns what restores which layers train */
  unfreeze(layers: readonly string[]): () => void;
  /** The names and shapes of all that training changes: weights of layers that train, and their statistics. */
  changing(): readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** A copy of all that training changes, bit for bit. @param layers by name; default: those that train now */
  snapshot(layers?: readonly string[]): Promise<Snapshot>;
  /** Puts a copy back. @param layers as for `snapshot` @throws TypeError where the copy lacks a weight of these layers */
  restore(snapshot: Snapshot, layers?: readonly string[]): void;
  /** Opens the optimizer and the gradients of the layers that train now. */
  openTrainer(options: TrainerOptions): Trainer;
  /**
   * Refuses a training that there is not the memory for, before it begins.
   * @throws CapacityError MEMORY_TOO_SMALL, which names the largest power of two that fits as a batch
   */
  checkMemory(options: Pick<TrainerOptions, 'loss' | 'inferring'> & { readonly training: TrainingSpec }): Promise<void>;
}

export interface TrainerOptions {
  readonly loss: Loss;
  readonly optimizer: OptimizerSpec;
  readonly classWeights?: ClassWeights | undefined;
  /** Names of BatchNormalization layers that infer though their gamma and beta may train. */
  readonly inferring?: ReadonlySet<string> | undefined;
  /** Factor of the learning rate, by the name of the layer; default 1. */
  readonly layerRate?: ((layer: string) => number) | undefined;
  readonly log?: Log | undefined;
}

/** A network in training: batches add to a gradient, and an update moves the weights by it. */
export interface Trainer {
  /** How many updates were made. */
  readonly iterations: number;
  /**
   * One pass forward and back with one batch. `share` is its part of the examples of the update, so that the gradients of
   * several batches add up to that of all their examples; `seedOf` gives each random layer its seed.
   *
   * A batch for which the device has no room is computed in parts, of the size that does fit, and adds up to the same gradient; only
   * a BatchNormalization that trains takes its statistics from the parts then, and Dropout draws again for each part.
   */
  accumulate(batch: Batch, options: { readonly share?: number; readonly seedOf: (layer: string) => number }): void;
  /** Moves the weights by the gradients since the last update. */
  update(learningRate: number): void;
  /** The outcomes of the batches since the last read, in order: reading after each would make a GPU wait. */
  readOutcomes(): Promise<readonly BatchOutcome[]>;
  /** A copy of the optimizer's slots; with `iterations` it is the whole state of the optimizer. */
  snapshot(): Promise<Snapshot>;
  restore(slots: Snapshot, iterations: number): void;
  close(): void;
}

/** Of a batch, as training saw it. */
export interface BatchOutcome {
  /** The mean loss with penalties. */
  readonly loss: number;
  /** Single-label: the share of examples whose largest logit is right. Multi-label: of decisions at probability 0.5. */
  readonly accuracy: number;
}
