import { sum } from '../arithmetic.ts';
import type { EpochRecord } from '../contracts/model-card.ts';
import type { TrainingSpec } from '../contracts/training-spec.ts';
import { randomStream } from '../random.ts';
import type { CheckpointOptions } from './checkpoints/checkpointer.ts';
import { type Fitted, fit } from './fit.ts';
import type { FitOptions } from './fit-options.ts';
import { replayedLosses } from './schedule.ts';
import type { Snapshot } from './snapshot.ts';

/** A part of a training in which the same layers train at the same rates. */
export interface Phase {
  /** Names of the layers that train; all others are frozen. */
  readonly trainable: readonly string[];
  readonly training: TrainingSpec;
  /** Factor of a layer's learning rate. */
  readonly layerRate?: (layer: string) => number;
  /** As in FitOptions: the validation losses of the same phase of an earlier training. */
  readonly plateauLosses?: readonly number[];
}

/** The epochs of all phases. */
export function epochsOf(phases: readonly Phase[]): number {
  return sum(phases.map(({ training }) => training.epochs));
}

/**
 * The same phases with a shorter last one, in which all layers train.
 * @param epochs of all phases together
 * @returns undefined if nothing would be left of the last phase
 */
export function withEpochs(phases: readonly Phase[], epochs: number): readonly Phase[] | undefined {
  const last = phases.at(-1);
  const left = epochs - epochsOf(phases.slice(0, -1));
  if (last === undefined || left < 1) return undefined;
  return [...phases.slice(0, -1), { ...last, training: { ...last.training, epochs: left } }];
}

export interface PhasedOptions extends Omit<FitOptions, 'training' | 'layerRate' | 'plateauLosses' | 'checkpoints' | 'onEpoch'> {
  readonly phases: readonly Phase[];
  /** The checkpoints of each phase, from 0. All are needed until the last phase has ended. */
  readonly checkpoints?: (phase: number) => CheckpointOptions;
  /**
   * Called after each epoch of a phase. After an interruption, it is called again only for epochs without a checkpoint.
   */
  readonly onEpoch?: (epoch: EpochRecord, phase: number) => void | Promise<void>;
}

export interface FittedPhases {
  readonly phases: readonly Fitted[];
  /**
   * The phase, from 0, with the lowest validation loss. The model has the weights of its best epoch, unless the last
   * weights were kept.
   */
  readonly bestPhase: number;
}

/**
 * Trains a network in phases, each from the best weights so far and with its own optimizer. A phase that raises the
 * validation loss has no effect; if the last weights are kept, each phase continues from those. After an interruption
 * it continues in the current phase, bit-identically: finished phases are restored from their checkpoints.
 * @throws as `fit`
 */
export async function fitPhases({ phases, checkpoints, onEpoch, ...options }: PhasedOptions): Promise<FittedPhases> {
  const { network, keep = 'best', mayContinue = () => true } = options;
  /** All layers that any phase trains. */
  const layers = phases.flatMap(({ trainable }) => trainable);
  const restoreTrainable = network.unfreeze(layers);
  const fitted: Fitted[] = [];
  let trained = 0;
  let best: { phase: number; loss: number; weights: Snapshot } | undefined;
  try {
    for (const [index, { trainable, training, layerRate, plateauLosses }] of phases.entries()) {
      if (best !== undefined && keep === 'best') network.restore(best.weights, layers);
      network.unfreeze(trainable);
      const result = await fit({
        ...options,
        training,
        mayContinue: (epochs) => mayContinue(trained + epochs),
        seed: seedOf(index, options.seed ?? training.seed),
        ...(layerRate && { layerRate }),
        ...(plateauLosses && { plateauLosses }),
        ...(checkpoints && { checkpoints: checkpoints(index) }),
        ...(onEpoch && { onEpoch: (epoch: EpochRecord) => onEpoch(epoch, index) }),
      });
      fitted.push(result);
      trained += result.history.length;
      const loss = result.history[result.bestEpoch - 1]?.validationLoss ?? Number.POSITIVE_INFINITY;
      if (best === undefined || loss < best.loss) best = { phase: index, loss, weights: await network.snapshot(layers) };
    }
    if (best !== undefined && keep === 'best') network.restore(best.weights, layers);
    return { phases: fitted, bestPhase: best?.phase ?? 0 };
  } finally {
    restoreTrainable();
  }
}

/**
 * Creates the phases of gradual unfreezing: the top stage first, then one stage more in each phase.
 * @param stages names of the layers, stage by stage from the images up; the last includes the head
 * @param trainings one for each phase; if there are fewer than stages, the lowest stages stay frozen
 */
export function gradualPhases(
  stages: readonly (readonly string[])[],
  trainings: readonly TrainingSpec[],
  layerRate?: (layer: string) => number,
): Phase[] {
  return trainings.slice(0, stages.length).map((training, phase) => ({
    trainable: stages.slice(stages.length - 1 - phase).flat(),
    training,
    ...(layerRate && { layerRate }),
  }));
}

/** Concatenates the epochs of all phases, and finds the epoch whose weights the model has. */
export function concatHistories({ phases, bestPhase }: FittedPhases, keep: 'best' | 'last' = 'best'): Fitted {
  const history = phases.flatMap((fitted) => fitted.history).map((epoch, i) => ({ ...epoch, epoch: i + 1 }));
  const before = sum(phases.slice(0, bestPhase).map((fitted) => fitted.history.length));
  return {
    history,
    bestEpoch: keep === 'last' ? history.length : before + (phases[bestPhase]?.bestEpoch ?? 0),
    stoppedEarly: phases.some(({ stoppedEarly }) => stoppedEarly),
  };
}

/**
 * Shortens phases to the epochs that lowered the validation loss, for retraining on other examples without early
 * stopping. Omits phases that raised it. The schedules `cosine` and `oneCycle` run through within these epochs, so that a
 * retraining anneals in full; the others repeat the learning rate of each epoch.
 */
export function effectivePhases(
  phases: readonly Phase[],
  { phases: fitted, bestPhase }: FittedPhases,
  keep: 'best' | 'last' = 'best',
): Phase[] {
  let lowest = Number.POSITIVE_INFINITY;
  return phases.flatMap((phase, i) => {
    const { history = [], bestEpoch = 0 } = fitted[i] ?? {};
    const epochs = keep === 'last' ? history.length : bestEpoch;
    const loss = history[bestEpoch - 1]?.validationLoss ?? Number.POSITIVE_INFINITY;
    const better = keep === 'last' ? epochs > 0 : i <= bestPhase && loss < lowest;
    lowest = Math.min(lowest, loss);
    if (!better) return [];
    const training = { ...phase.training, epochs, earlyStopping: null };
    return [{ ...phase, training, ...replayedLosses(training, history) }];
  });
}

/** Derives a phase's seed. Each phase shuffles and drops differently, and its seed also identifies its checkpoint. */
function seedOf(phase: number, seed: number): number {
  return phase === 0 ? seed : randomStream(seed, 'phase', phase).seed();
}
