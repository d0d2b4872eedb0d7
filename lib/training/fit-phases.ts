import { sum } from '../arithmetic.ts';
import type { EpochRecord } from '../contracts/model.ts';
import type { TrainingSpec } from '../contracts/training-spec.ts';
import { randomStream } from '../random.ts';
import type { CheckpointOptions } from './checkpoints/checkpointer.ts';
import { type Fitted, fit } from './fit.ts';
import type { FitOptions } from './fit-options.ts';
import type { Snapshot } from './snapshot.ts';

/** A part of a training in which the same layers train at the same rates. */
export interface Phase {
  /** Names of the layers that train; all others stay as they are. */
  readonly trainable: readonly string[];
  readonly training: TrainingSpec;
  /** What a layer's learning rate is multiplied by. */
  readonly layerRate?: (layer: string) => number;
}

export interface PhasedOptions extends Omit<FitOptions, 'training' | 'layerRate' | 'checkpoints' | 'onEpoch'> {
  readonly phases: readonly Phase[];
  /** Where each phase, from 0, has its checkpoint. All of them are needed until the last phase has ended. */
  readonly checkpoints?: (phase: number) => CheckpointOptions;
  /** After each epoch of a phase; those that are over are told again after an interruption only if they were not written. */
  readonly onEpoch?: (epoch: EpochRecord, phase: number) => void | Promise<void>;
}

export interface FittedPhases {
  readonly phases: readonly Fitted[];
  /**
   * The phase, from 0, with the lowest validation loss of all: unless the last weights were kept, the model has those
   * of its best epoch.
   */
  readonly bestPhase: number;
}

/**
 * Trains a network in phases, each from the best weights so far, with an optimizer of its own. A phase that makes
 * things worse leaves no trace; where the last weights are kept, each phase goes on from those. Interrupted, it goes on
 * in the phase where it stood, to the same bits: a phase that is over gives its result from its checkpoint.
 * @throws as `fit`
 */
export async function fitPhases({ phases, checkpoints, onEpoch, ...options }: PhasedOptions): Promise<FittedPhases> {
  const { network, keep = 'best', mayGoOn = () => true } = options;
  /** All that any phase changes. */
  const layers = phases.flatMap(({ trainable }) => trainable);
  const restoreTrainable = network.unfreeze(layers);
  const fitted: Fitted[] = [];
  let trained = 0;
  let best: { phase: number; loss: number; weights: Snapshot } | undefined;
  try {
    for (const [index, { trainable, training, layerRate }] of phases.entries()) {
      if (best !== undefined && keep === 'best') network.restore(best.weights, layers);
      network.unfreeze(trainable);
      const result = await fit({
        ...options,
        training,
        mayGoOn: (epochs) => mayGoOn(trained + epochs),
        seed: seedOf(index, options.seed ?? training.seed),
        ...(layerRate && { layerRate }),
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
 * Gradual unfreezing: the top stage first, then one more below it in each phase, down to the lowest.
 * @param stages the layers' names, stage after stage from the images up; the last holds the head
 * @param trainings of each phase; with fewer than there are stages, the lowest ones stay frozen
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

/** The epochs of all phases in one row, and which of them the model has the weights of. */
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
 * The same phases for as many epochs as lowered the validation loss: the phases for a model that is retrained on other
 * examples, to its end. A phase that made things worse is left out.
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
    return better ? [{ ...phase, training: { ...phase.training, epochs, earlyStopping: null } }] : [];
  });
}

/** Phases shuffle and drop in ways of their own; the seed is also part of what tells one phase's checkpoint from another's. */
function seedOf(phase: number, seed: number): number {
  return phase === 0 ? seed : randomStream(seed, 'phase', phase).seed();
}
