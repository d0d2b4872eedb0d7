import type { FineTuningSpec } from '../contracts/job-spec.ts';

/**
 * The most epochs that gradual unfreezing adds before all stages train.
 * @param stages that train; the head is unfrozen with the first of them, unless it is new and trains before
 */
export function unfreezingEpochs(
  { gradualUnfreezing }: Pick<FineTuningSpec, 'gradualUnfreezing'>,
  stages: number,
  headIsNew = false,
): number {
  return (gradualUnfreezing?.epochsPerStage ?? 0) * Math.max(0, headIsNew ? stages : stages - 1);
}
