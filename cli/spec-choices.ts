import { AugmentPreset } from '../lib/contracts/augment-spec.ts';
import { HeadPreset } from '../lib/contracts/head-spec.ts';
import { JobSpec } from '../lib/contracts/job-spec.ts';
import { computePrecisions } from '../lib/contracts/precision.ts';
import { OptimizerSpec, TrainingSpec } from '../lib/contracts/training-spec.ts';

/** Members of a job spec that take one of a few words, as the contract has them: flags and completions name no others. */
export const specChoices = {
  strategy: JobSpec.shape.strategy.unwrap().options,
  effort: JobSpec.shape.effort.unwrap().options,
  precision: computePrecisions,
  head: HeadPreset.options,
  optimizer: OptimizerSpec.options.map(({ shape }) => shape.name.value),
  classWeights: ['none', 'balanced'],
  augment: AugmentPreset.options.filter((preset) => TrainingSpec.shape.augment.safeParse(preset).success),
} as const;

/** The default learning rate of each optimizer: `0.003 for adam, 0.001 for adamw, ...` */
export function defaultRates(): string {
  return OptimizerSpec.options.map(({ shape }) => `${shape.learningRate.parse(undefined)} for ${shape.name.value}`).join(', ');
}
