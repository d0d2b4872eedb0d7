import type { FineTuningSpec } from '../contracts/job-spec.ts';
import type { TrainingSpec } from '../contracts/training-spec.ts';
import { gradualPhases, type Phase } from './fit-phases.ts';
import { stageRates } from './stage-rates.ts';

/** The names of the layers that train. */
export interface TailLayers {
  /** Layers of the backbone, stage by stage from the images up. */
  readonly stages: readonly (readonly string[])[];
  readonly head: readonly string[];
}

/**
 * Returns the phases in which the layers after a cut train with their head: all at once, or by gradual unfreezing
 * (Howard & Ruder, arXiv:1801.06146) from the top stage down. Each stage has its own learning rate.
 * @param training of the phase in which all layers train
 * @param headIsNew whether the head is untrained; it then trains before the first stage
 */
export function tailPhases(
  { stages, head }: TailLayers,
  training: TrainingSpec,
  { stageDecay, gradualUnfreezing }: Pick<FineTuningSpec, 'stageDecay' | 'gradualUnfreezing'>,
  headIsNew: boolean,
): Phase[] {
  const layerRate = stageDecay === 1 ? undefined : stageRates(stages, stageDecay);
  const [top = [], ...below] = stages.toReversed();
  const groups = headIsNew ? [...stages, head] : [...below.toReversed(), [...top, ...head]];
  if (gradualUnfreezing === null) return [{ trainable: groups.flat(), training, ...(layerRate && { layerRate }) }];
  const first = { ...training, epochs: gradualUnfreezing.epochsPerStage, earlyStopping: null };
  return gradualPhases(groups, [...groups.slice(1).map(() => first), training], layerRate);
}

/** The training of a tail behind a trained head: the same optimizer at a lower learning rate, for fewer epochs. */
export function tailTraining(training: TrainingSpec, fineTuning: FineTuningSpec): TrainingSpec {
  const { optimizer } = training;
  const { learningRateFactor, epochs, schedule, earlyStopping } = fineTuning;
  const learningRate = optimizer.learningRate * learningRateFactor;
  return { ...training, optimizer: { ...optimizer, learningRate }, epochs, schedule, earlyStopping };
}
