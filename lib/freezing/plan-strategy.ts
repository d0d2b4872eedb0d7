import type { TrainingRuntime } from '../contracts/compute.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { evidenceKeys } from '../contracts/strategy-evidence.ts';
import { hasClosedForm } from '../heads/closed-form.ts';
import { chooseStrategy } from './choose-strategy.ts';
import { type CutPlan, type NamedStrategy, planDeeper, planFreeze, planNamed } from './cut-plan.ts';
import { type Evidence, evidenceNumbers } from './evidence.ts';
import type { TuningAugmentation } from './tuning-augmentation.ts';

/** Which layers are frozen, which train, and why. */
export interface Plan extends CutPlan {
  /** Whether to keep the frozen backbone with its head if fine-tuning is significantly worse on the validation images. */
  readonly canKeepFrozen: boolean;
  /** Whether a linear head is fitted to the frozen features of all stages, which a fine-tuning has to beat. */
  readonly comparesStages?: boolean;
  /**
   * Whether the features at the cut carry the vectors of the stages before it, so that a head on all stages can be
   * averaged with the fine-tuned network.
   */
  readonly carriesStages?: boolean;
  /** The plan to try as well if full fine-tuning has the lowest validation loss: more layers may gain more. */
  readonly deeper?: Plan;
  /** Whether it is the `deeper` of another plan. */
  readonly isDeeper?: boolean;
  /** The plan to try if there is no time or no memory for this one. */
  readonly smaller?: Plan;
  /** Random transforms of the images on which the layers after the cut train. Default: as in `training` of the spec. */
  readonly augment?: TuningAugmentation;
  readonly reason: string;
  readonly evidence: Readonly<Record<string, number>>;
}

/** What the card says of the strategy. */
export type StrategyRecord = Pick<Plan, 'name' | 'reason' | 'evidence'>;

export interface PlanContext {
  /** Number of images to train on. */
  readonly trainingImages: number;
  readonly classes: number;
  readonly runtime: TrainingRuntime;
  /** Called only if there is a choice to make. */
  readonly gather: () => Promise<Evidence>;
}

/**
 * Plans which layers to freeze. A strategy is one of the four cases (few or many images, like or unlike ImageNet),
 * named or chosen by evidence. `freeze` sets a cut instead: then all layers after it train in one phase, as with
 * Keras's `trainable`.
 * @throws SpecError as resolveFreeze; as gatherEvidence
 */
export async function planStrategy(spec: JobSpec, context: PlanContext): Promise<Plan> {
  const { backbone } = spec;
  const { trainingImages, classes } = context;
  const asked = { canKeepFrozen: false, evidence: { [evidenceKeys.trainingImages]: trainingImages, classes } };
  if (spec.freeze !== undefined) return { ...planFreeze(spec.freeze, backbone), ...asked, reason: FREEZE_ASKED };
  if (spec.strategy !== 'auto') return { ...planNamed(spec.strategy, backbone), ...asked, reason: strategyAsked[spec.strategy] };
  const comparesStages = beginsWithStages(spec, trainingImages);
  const frozen = planNamed(comparesStages ? 'stage-features' : 'feature-extraction', backbone);
  if (spec.effort === 'fast') return { ...frozen, ...asked, comparesStages, reason: FAST_ASKED };
  const found = await context.gather();
  const thorough = spec.effort === 'best';
  const { name, reason, stage } = chooseStrategy(found, { runtime: context.runtime, thorough, comparesStages });
  const evidence = evidenceNumbers(found);
  const chosen = (plan: CutPlan): Plan => ({
    ...plan,
    canKeepFrozen: plan.trainsTail,
    comparesStages,
    ...(thorough && comparesStages && plan.trainsTail && { carriesStages: true }),
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

/**
 * The most training images for which strategy `auto` fits a head to all stages before it fine-tunes: with more, the
 * backbone itself can train.
 */
const MOST_FOR_STAGES = 5000;

/** Whether a job's first features are those of all stages, and not only those of the top. */
export function beginsWithStages(spec: JobSpec, trainingImages: number): boolean {
  if (spec.task === 'one-class') return false;
  if (spec.strategy === 'stage-features') return true;
  const isWorthIt = spec.effort === 'fast' || trainingImages <= MOST_FOR_STAGES;
  return spec.strategy === 'auto' && spec.freeze === undefined && isWorthIt && hasClosedForm(spec);
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
    'As requested: a head trains first, then every layer with it, at a lower learning rate, starting from the pretrained ' +
    'weights.',
};
