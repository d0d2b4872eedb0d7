import type { JobSpec } from '../contracts/job-spec.ts';
import { FEW, FEWEST_TO_JUDGE, MANY } from '../freezing/choose-strategy.ts';
import { type CutPlan, planDeeper, planFreeze, planNamed } from '../freezing/cut-plan.ts';
import { beginsWithStages } from '../freezing/plan-strategy.ts';

/** One way in which a job may go. */
export interface PlanOption {
  readonly plan: CutPlan;
  /** What strategy `auto` may train after it. */
  readonly deeper?: CutPlan;
  /** Whether strategy `auto` chooses it, which looks at the images first. */
  readonly chosen: boolean;
}

export interface OptionsContext {
  readonly trainingImages: number;
  readonly validationImages: number;
  readonly runtime: 'gpu' | 'native' | 'wasm';
}

/**
 * The ways in which a job may go: one where the spec says what to freeze, else all that strategy `auto` may choose for so many images, as
 * chooseStrategy does. The first is that which it falls back to.
 * @throws SpecError as planFreeze
 */
export function planOptions(spec: JobSpec, context: OptionsContext): [PlanOption, ...PlanOption[]] {
  const { strategy, freeze, backbone, effort } = spec;
  if (freeze !== undefined) return [{ plan: planFreeze(freeze, backbone), chosen: false }];
  if (strategy !== 'auto') return [{ plan: planNamed(strategy, backbone), chosen: false }];
  const option = (name: CutPlan['name']): PlanOption => ({ plan: planNamed(name, backbone), chosen: true });
  const withStages = beginsWithStages(spec, context.trainingImages);
  const frozen = option(withStages ? 'stage-features' : 'feature-extraction');
  if (effort === 'fast') return [{ ...frozen, chosen: false }];
  const { trainingImages, validationImages, runtime } = context;
  if (backbone.own !== undefined || validationImages < FEWEST_TO_JUDGE) return [frozen];
  const earlier = trainingImages < FEW && !withStages ? [option('earlier-features')] : [];
  if (runtime === 'wasm') return [frozen, ...earlier];
  const deeper = planDeeper(backbone);
  const top = { ...option('fine-tune-top'), ...(deeper && { deeper }) };
  return [frozen, ...earlier, top, ...(trainingImages >= MANY ? [option('fine-tune-all')] : [])];
}
