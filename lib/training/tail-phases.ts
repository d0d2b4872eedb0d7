import type { FineTuningSpec } from '../contracts/job-spec.ts';
import type { TrainingSpec } from '../contracts/training-spec.ts';
import { gradualPhases, type Phase } from './fit-phases.ts';
import { stageRates } from './stage-rates.ts';

/** What trains, by the names of the layers. */
export interface TailLayers {
  /** Of the backbone, stage after stage from the images up. */
  readonly stages: readonly (readonly string[])[];
  readonly head: readonly string[];
}

/**
 * How the layers behind a cut train with their head: all at once, or after a gradual unfreezing (Howard & Ruder, arXiv:1801.06146), the top
 * stage first; each stage at its own rate.
 * @param training of the phase in which all train
 * @param headIsNew whether the head has yet to be trained; it is then unfrozen before the first stage
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
