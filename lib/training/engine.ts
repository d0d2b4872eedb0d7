/**
 * Interfaces between the training loop and a runtime that computes a network. The engine for TensorFlow.js is in
 * `tensorflow/`, the one for ONNX Runtime in `onnx/`.
 */
import type { OptimizerSpec, TrainingSpec } from '../contracts/training-spec.ts';
import type { Log } from '../ports.ts';
import type { ClassWeights } from './class-weights.ts';
import type { Batch } from './examples.ts';
import type { Loss } from './losses/loss.ts';
import type { Snapshot } from './snapshot.ts';

/** Opens networks for training. */
export interface Engine<Model> {
  readonly runtime: EngineRuntime;
  /** Opens a model as a trainable network, which shares the model's weights. It may start another engine for that. */
  open(model: Model): EngineNetwork | Promise<EngineNetwork>;
}

/** Identifies the runtime in a checkpoint, because another runtime may give other bits. */
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
  /** The sum of the layers' regularization terms. */
  penalty(): Promise<number>;
  /** Lets only the layers with these names train. @returns a function that restores the previous state */
  unfreeze(layers: readonly string[]): () => void;
  /** Names and shapes of everything that training changes: weights of layers that train, and their statistics. */
  changing(): readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Copies everything that training changes, bit for bit. @param layers names; default: the layers that train now */
  snapshot(layers?: readonly string[]): Promise<Snapshot>;
  /** Restores a copy. @param layers as for `snapshot` @throws TypeError if the copy lacks a weight of these layers */
  restore(snapshot: Snapshot, layers?: readonly string[]): void;
  /** Opens the optimizer and the gradients of the layers that train now. */
  openTrainer(options: TrainerOptions): Trainer;
  /**
   * Checks the memory of a training before it begins.
   * @throws CapacityError MEMORY_TOO_SMALL, which names the largest power of two that fits as a batch size
   */
  checkMemory(options: Pick<TrainerOptions, 'loss' | 'inferring'> & { readonly training: TrainingSpec }): Promise<void>;
}

export interface TrainerOptions {
  readonly loss: Loss;
  readonly optimizer: OptimizerSpec;
  readonly classWeights?: ClassWeights | undefined;
  /** Names of BatchNormalization layers that run in inference mode although their gamma and beta may train. */
  readonly inferring?: ReadonlySet<string> | undefined;
  /** Factor of the learning rate, by the name of the layer; default 1. */
  readonly layerRate?: ((layer: string) => number) | undefined;
  readonly log?: Log | undefined;
}

/** A network in training: batches accumulate a gradient, and an update changes the weights by it. */
export interface Trainer {
  /** Number of updates. */
  readonly iterations: number;
  /**
   * One forward and backward pass with one batch. `share` is its share of the examples of the update, so that the
   * gradients of several batches add up to the gradient of all their examples. `seedOf` gives each random layer its
   * seed.
   * If the device has no memory for a batch, it is computed in smaller parts that add up to the same gradient. Only a
   * BatchNormalization that trains then takes its statistics from the parts, and Dropout draws again for each part.
   * @throws the device's own error if not even one example fits, which `deviceError` converts to CapacityError
   *   DEVICE_OUT_OF_MEMORY
   */
  accumulate(
    batch: Batch,
    options: { readonly share?: number; readonly seedOf: (layer: string) => number },
  ): void | Promise<void>;
  /** Changes the weights by the gradients since the last update. */
  update(learningRate: number): void;
  /** The outcomes of the batches since the last read, in order. Reading after each batch would make a GPU wait. */
  readOutcomes(): Promise<readonly BatchOutcome[]>;
  /** A copy of the optimizer's slots, which together with `iterations` is the complete state of the optimizer. */
  snapshot(): Promise<Snapshot>;
  restore(slots: Snapshot, iterations: number): void;
  close(): void;
}

/** The outcome of a batch in training mode. */
export interface BatchOutcome {
  /** The mean loss with penalties. */
  readonly loss: number;
  /** Single-label: the share of examples whose largest logit is right. Multi-label: of decisions at probability 0.5. */
  readonly accuracy: number;
}
