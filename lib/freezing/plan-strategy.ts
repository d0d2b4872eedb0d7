import type { JobSpec } from '../contracts/job-spec.ts';
import { hasClosedForm } from '../heads/closed-form.ts';
import type { TensorRuntime } from '../tensor/tensor-runtime.ts';
import { chooseStrategy } from './choose-strategy.ts';
import { type CutPlan, type NamedStrategy, planDeeper, planFreeze, planNamed } from './cut-plan.ts';
import { type Evidence, evidenceNumbers } from './evidence.ts';

/** What is frozen, what trains, and why. */
export interface Plan extends CutPlan {
  /** Whether the frozen backbone with its head is the answer where the validation images say that fine-tuning did no good. */
  readonly canKeepFrozen: boolean;
  /** Whether a linear head is fitted to the frozen features of all stages, which a fine-tuning has to beat. */
  readonly comparesStages?: boolean;
  /** Images that were decoded for the evidence, whose features are those of the plan. */
  readonly decodedBefore?: number;
  /** What is tried as well, where the validation images like all of the way that this plan's layers go: more of them may gain more. */
  readonly deeper?: Plan;
  /** Whether it is the `deeper` of another plan. */
  readonly isDeeper?: boolean;
  /** What is tried instead, where there is no time for this plan. */
  readonly smaller?: Plan;
  readonly reason: string;
  readonly evidence: Readonly<Record<string, number>>;
}

export interface PlanContext {
  /** Images that are learnt from. */
  readonly trainingImages: number;
  readonly classes: number;
  readonly runtime: TensorRuntime['name'];
  /** Called only where there is something to choose. */
  readonly gather: () => Promise<Evidence>;
}

/**
 * What to freeze. A strategy is one of the four cases (few or many images, like or unlike what the backbone was trained on), named or
 * chosen by evidence; `freeze` names a cut instead, and then all behind it trains in one phase, as a Keras user would do it.
 * @throws SpecError as resolveFreeze; as gatherEvidence
 */
export async function planStrategy(spec: JobSpec, context: PlanContext): Promise<Plan> {
  const { backbone } = spec;
  const { trainingImages, classes } = context;
  const asked = { canKeepFrozen: false, evidence: { trainingImages, classes } };
  if (spec.freeze !== undefined) return { ...planFreeze(spec.freeze, backbone), ...asked, reason: FREEZE_ASKED };
  if (spec.strategy !== 'auto') return { ...planNamed(spec.strategy, backbone), ...asked, reason: strategyAsked[spec.strategy] };
  const comparesStages = beginsWithStages(spec, trainingImages);
  const frozen = planNamed(comparesStages ? 'stage-features' : 'feature-extraction', backbone);
  if (spec.effort === 'fast') return { ...frozen, ...asked, comparesStages, reason: FAST_ASKED };
  const found = await context.gather();
  const { name, reason, stage } = chooseStrategy(found, context);
  const evidence = evidenceNumbers(found);
  const chosen = (plan: CutPlan): Plan => ({
    ...plan,
    canKeepFrozen: plan.tail,
    comparesStages,
    decodedBefore: found.decoded,
    reason,
    evidence,
  });
  if (name === 'fine-tune-all')
    return { ...chosen(planNamed(name, backbone)), smaller: chosen(planNamed('fine-tune-top', backbone)) };
  if (name !== 'fine-tune-top') return chosen(comparesStages ? frozen : planNamed(name, backbone, stage));
  const deeper = planDeeper(backbone);
  const plan = chosen(planNamed(name, backbone));
  return deeper === undefined ? plan : { ...plan, deeper: { ...chosen(deeper), canKeepFrozen: false, isDeeper: true } };
}

/** Training images up to which strategy `auto` fits a head to all stages: the work grows with their third power, and many teach the backbone itself. */
const MOST_FOR_STAGES = 3000;

/** Whether a job's first features are those of all stages, and not those at the top alone. */
export function beginsWithStages(spec: JobSpec, trainingImages: number): boolean {
  if (spec.strategy === 'stage-features') return true;
  return spec.strategy === 'auto' && spec.freeze === undefined && trainingImages <= MOST_FOR_STAGES && hasClosedForm(spec);
}

const FAST_ASKED = 'As requested: all layers stay frozen, without fine-tuning.';
const FREEZE_ASKED = 'As requested: the named layers stay frozen, the others train.';
const strategyAsked: Readonly<Record<NamedStrategy, string>> = {
  'feature-extraction': 'As requested: all layers stay frozen, and a head trains on the top features.',
  'stage-features':
    'As requested: all layers stay frozen, and a linear head is fitted in closed form to the features of all stages.',
  'earlier-features':
    'As requested: a head trains on the features of an earlier stage, which are less specific to the classes of ImageNet.',
  'fine-tune-top': 'As requested: a head trains first, then the top stages with it, at a lower learning rate.',
  'fine-tune-all':
    'As requested: a head trains first, then every layer with it, at a lower learning rate, starting from the pretrained weights.',
};
