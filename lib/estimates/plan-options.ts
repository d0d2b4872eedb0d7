import type { TrainingRuntime } from '../contracts/compute.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { FEW, FEWEST_TO_COMPARE, MANY } from '../freezing/choose-strategy.ts';
import { type ChosenBy, type CutPlan, planDeeper, planFreeze, planNamed } from '../freezing/cut-plan.ts';
import { beginsWithStages } from '../freezing/plan-strategy.ts';

/** One possible plan of a job. */
export interface PlanOption {
  readonly plan: CutPlan;
  /** The plan that strategy `auto` may run after this one. */
  readonly deeper?: CutPlan;
  /** Before strategy `auto` chooses among such plans, it computes evidence. */
  readonly chosenBy: ChosenBy;
}

export interface OptionsContext {
  readonly trainingImages: number;
  readonly validationImages: number;
  readonly runtime: TrainingRuntime;
}

/**
 * The possible plans of a job: one if the spec sets what to freeze, otherwise all plans that strategy `auto` may choose
 * for this number of images (see chooseStrategy). The first is the plan that `auto` falls back to.
 * @throws SpecError as planFreeze
 */
export function planOptions(spec: JobSpec, context: OptionsContext): [PlanOption, ...PlanOption[]] {
  const { strategy, freeze, backbone, effort, task } = spec;
  const asked = (plan: CutPlan): [PlanOption] => [{ plan, chosenBy: 'user' }];
  if (task === 'one-class') return asked(planNamed('feature-extraction', backbone));
  if (freeze !== undefined) return asked(planFreeze(freeze, backbone));
  if (strategy !== 'auto') return asked(planNamed(strategy, backbone));
  const option = (name: CutPlan['name']): PlanOption => ({ plan: planNamed(name, backbone), chosenBy: 'auto' });
  const withStages = beginsWithStages(spec, context.trainingImages);
  const frozen = option(withStages ? 'stage-features' : 'feature-extraction');
  if (effort === 'fast') return asked(frozen.plan);
  const { trainingImages, validationImages, runtime } = context;
  if (backbone.own !== undefined || validationImages < FEWEST_TO_COMPARE) return [frozen];
  const earlier = trainingImages < FEW && !withStages ? [option('earlier-features')] : [];
  if (runtime === 'wasm') return [frozen, ...earlier];
  const deeper = planDeeper(backbone);
  const top = { ...option('fine-tune-top'), ...(deeper && { deeper }) };
  return [frozen, ...earlier, top, ...(trainingImages >= MANY ? [option('fine-tune-all')] : [])];
}
