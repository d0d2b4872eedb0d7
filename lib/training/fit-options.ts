import type { EpochRecord } from '../contracts/model.ts';
import type { TrainingSpec } from '../contracts/training-spec.ts';
import type { Log } from '../ports.ts';
import type { CheckpointOptions } from './checkpoints/checkpointer.ts';
import type { EngineNetwork } from './engine.ts';
import type { Examples } from './examples.ts';
import type { Loss } from './losses/loss.ts';

export interface FitOptions {
  /** Inputs to logits. A frozen layer stays as it is; a frozen BatchNormalization infers. */
  readonly network: EngineNetwork;
  readonly loss: Loss;
  readonly train: Examples;
  readonly validation: Examples;
  readonly training: TrainingSpec;
  /** Of the order of the examples and of Dropout; default: `training.seed`. */
  readonly seed?: number;
  /** Names of the classes, for class weights by label. */
  readonly labels?: readonly string[];
  /** Names of BatchNormalization layers that infer though they are not frozen: their gamma and beta train. */
  readonly inferring?: ReadonlySet<string>;
  /** What a layer's learning rate is multiplied by. */
  readonly layerRate?: (layer: string) => number;
  /** With a checkpoint in its store, training goes on from there, to the same bits as if it had never stopped. */
  readonly checkpoints?: CheckpointOptions;
  /** After each epoch; the last one may be told again after an interruption. */
  readonly onEpoch?: (epoch: EpochRecord) => void | Promise<void>;
  /** After each batch of `batches`. */
  readonly onBatch?: (batch: { readonly epoch: number; readonly batch: number; readonly batches: number }) => void;
  /** Asked before each epoch, with the number of epochs so far: false ends the training as if these had been all. */
  readonly mayGoOn?: (epochs: number) => boolean;
  /** Which weights the model is left with: those of the epoch with the lowest validation loss, or the last ones. Default `best`. */
  readonly keep?: 'best' | 'last';
  /** Awaited between two batches: what the process must get done meanwhile, such as saying that it lives. */
  readonly yieldToEventLoop?: () => Promise<void>;
  /** Aborted, training writes a checkpoint and stops. */
  readonly signal?: AbortSignal;
  readonly log?: Log;
}
