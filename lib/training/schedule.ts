import type { EpochRecord } from '../contracts/model-card.ts';
import type { ScheduleSpec, TrainingSpec } from '../contracts/training-spec.ts';

/** A smaller fall of the validation loss does not end a plateau: `min_delta` of Keras's ReduceLROnPlateau. */
const LEAST_FALL = 1e-4;

/** The position in a training run at which a learning rate is needed. */
export interface Moment {
  /** Updates of the optimizer so far, from 0. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly epochs: number;
  /** Validation loss of each epoch so far, of this training or of the one that it replays. */
  readonly validationLosses: readonly number[];
}

/**
 * The factor of the optimizer's learning rate. A pure function of the position, so a checkpoint holds no state of a
 * schedule. Cosine with warm-up is Keras's CosineDecay; step is its ExponentialDecay with `staircase`; reduceOnPlateau
 * is its ReduceLROnPlateau; oneCycle is Smith & Topin, arXiv:1708.07120, with cosines.
 */
export function rateFactor(schedule: ScheduleSpec, { step, stepsPerEpoch, epochs, validationLosses }: Moment): number {
  const total = epochs * stepsPerEpoch;
  switch (schedule.name) {
    case 'constant':
      return 1;
    case 'cosine': {
      const warmup = Math.round(schedule.warmupEpochs * stepsPerEpoch);
      if (step < warmup) return step / warmup;
      return fall((step - warmup) / Math.max(1, total - warmup), 1, schedule.finalFactor);
    }
    case 'step':
      return schedule.factor ** Math.floor(step / (schedule.everyEpochs * stepsPerEpoch));
    case 'oneCycle': {
      const peak = Math.max(1, Math.round(schedule.warmupShare * total));
      if (step < peak) return fall(step / peak, schedule.initialFactor, 1);
      return fall((step - peak) / Math.max(1, total - peak), 1, schedule.initialFactor / 1e4);
    }
    case 'reduceOnPlateau':
      return Math.max(schedule.minimumFactor, schedule.factor ** plateaus(validationLosses, schedule.patience));
  }
}

/**
 * For a retraining, the validation losses that its schedule follows: those of the first training. Its own would have no
 * meaning, because it trains on the validation images or scores few of them. Only `reduceOnPlateau` depends on losses.
 */
export function replayedLosses(
  { schedule }: Pick<TrainingSpec, 'schedule'>,
  history: readonly EpochRecord[],
): { readonly plateauLosses?: readonly number[] } {
  return schedule.name === 'reduceOnPlateau' ? { plateauLosses: history.map(({ validationLoss }) => validationLoss) } : {};
}

/** Follows half a cosine from one value to another while `progress` goes from 0 to 1. */
function fall(progress: number, from: number, to: number): number {
  return to + (from - to) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
}

/** Counts how often `patience` epochs passed without a loss that is lower than the best one by more than LEAST_FALL. */
function plateaus(losses: readonly number[], patience: number): number {
  let best = Number.POSITIVE_INFINITY;
  let waited = 0;
  let count = 0;
  for (const loss of losses) {
    if (loss < best - LEAST_FALL) {
      best = loss;
      waited = 0;
    } else if (++waited === patience) {
      waited = 0;
      count++;
    }
  }
  return count;
}
