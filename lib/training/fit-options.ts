import type { EpochRecord } from '../contracts/model-card.ts';
import type { TrainingSpec } from '../contracts/training-spec.ts';
import type { Log } from '../ports.ts';
import type { CheckpointOptions } from './checkpoints/checkpointer.ts';
import type { EngineNetwork } from './engine.ts';
import type { Examples } from './examples.ts';
import type { Loss } from './losses/loss.ts';

export interface FitOptions {
  /** Inputs to logits. A frozen layer does not change; a frozen BatchNormalization runs in inference mode. */
  readonly network: EngineNetwork;
  readonly loss: Loss;
  readonly train: Examples;
  readonly validation: Examples;
  readonly training: TrainingSpec;
  /** Seed of the order of the examples and of Dropout; default: `training.seed`. */
  readonly seed?: number;
  /** Names of the classes, for class weights by label. */
  readonly labels?: readonly string[];
  /** Names of BatchNormalization layers that run in inference mode although their gamma and beta train. */
  readonly inferring?: ReadonlySet<string>;
  /** Factor of a layer's learning rate. */
  readonly layerRate?: (layer: string) => number;
  /**
   * Validation loss of each epoch of an earlier training. `reduceOnPlateau` follows these instead of this training's own,
   * so that it replays the earlier learning rates.
   */
  readonly plateauLosses?: readonly number[];
  /** If the store has a checkpoint, training continues from it, to the same bits as without the interruption. */
  readonly checkpoints?: CheckpointOptions;
  /** Called after each epoch; may be called again for the last one after an interruption. */
  readonly onEpoch?: (epoch: EpochRecord) => void | Promise<void>;
  /** Called after each batch of `batches`. */
  readonly onBatch?: (batch: { readonly epoch: number; readonly batch: number; readonly batches: number }) => void;
  /**
   * Called before each epoch with the number of epochs so far; returning false ends the training as if these had been
   * all. A training that resumes within an epoch finishes that epoch, whatever this returns.
   */
  readonly mayContinue?: (epochs: number) => boolean;
  /** Which weights to keep: those of the epoch with the lowest validation loss, or the last ones. Default `best`. */
  readonly keep?: 'best' | 'last';
  /** Awaited between two batches, so that the process can do other work, such as renewing a lease. */
  readonly yieldToEventLoop?: () => Promise<void>;
  /** If aborted, training writes a checkpoint and stops. */
  readonly signal?: AbortSignal;
  readonly log?: Log;
}
