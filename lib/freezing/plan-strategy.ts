import type { TrainingRuntime } from '../contracts/compute.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { evidenceKeys } from '../contracts/strategy-evidence.ts';
import { hasClosedForm } from '../heads/closed-form.ts';
import { chooseStrategy } from './choose-strategy.ts';
import {
  type ChosenBy,
  type CutPlan,
  type NamedStrategy,
  planDeeper,
  planFreeze,
  planNamed,
  type TrainedPart,
} from './cut-plan.ts';
import { type Evidence, evidenceNumbers } from './evidence.ts';
import type { TuningAugmentation } from './tuning-augmentation.ts';

/** Which layers are frozen, which train, and why. */
export type Plan = Planned<'head'> | Planned<'stage-head'> | Planned<'tail'> | TuningPlan;

interface Planned<Part extends TrainedPart> extends CutPlan<Part> {
  readonly chosenBy: ChosenBy;
  readonly reason: string;
  readonly evidence: Readonly<Record<string, number>>;
}

/** A fine-tuning. One that the user named is compared with no other network, and has no other cuts to try. */
export interface TuningPlan extends Planned<'head-then-tail'> {
  /** Whether a linear head is fitted to the frozen features of all stages, which the fine-tuning has to beat. */
  readonly comparesStages?: boolean;
  /**
   * Whether the features at the cut carry the vectors of the stages before it, so that a head on all stages can be
   * averaged with the fine-tuned network.
   */
  readonly carriesStages?: boolean;
  /** To try as well if full fine-tuning has the lowest validation loss: more layers may gain more. */
  readonly deeper?: CutPlan<'head-then-tail'> | undefined;
  /** To try if there is no time or no memory for this plan. */
  readonly smaller?: CutPlan<'head-then-tail'>;
  /** Random transforms of the images on which the layers after the cut train. Default: as in `training` of the spec. */
  readonly augment?: TuningAugmentation;
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
  const asked = { chosenBy: 'user', evidence: { [evidenceKeys.trainingImages]: trainingImages, classes } } as const;
  if (spec.freeze !== undefined) return { ...planFreeze(spec.freeze, backbone), ...asked, reason: FREEZE_ASKED };
  if (spec.strategy !== 'auto') return { ...planNamed(spec.strategy, backbone), ...asked, reason: strategyAsked[spec.strategy] };
  const comparesStages = beginsWithStages(spec, trainingImages);
  const frozen = planNamed(comparesStages ? 'stage-features' : 'feature-extraction', backbone);
  if (spec.effort === 'fast') return { ...frozen, ...asked, reason: FAST_ASKED };
  const found = await context.gather();
  const thorough = spec.effort === 'best';
  const { name, reason, stage } = chooseStrategy(found, { runtime: context.runtime, thorough, comparesStages });
  const chosen = { chosenBy: 'auto', reason, evidence: evidenceNumbers(found) } as const;
  const tuning = { ...chosen, comparesStages, carriesStages: comparesStages && thorough };
  switch (name) {
    case 'feature-extraction':
      return { ...frozen, ...chosen };
    case 'earlier-features':
      return { ...planNamed(name, backbone, stage), ...chosen };
    case 'fine-tune-top':
      return { ...planNamed(name, backbone), ...tuning, deeper: planDeeper(backbone) };
    case 'fine-tune-all':
      return { ...planNamed(name, backbone), ...tuning, smaller: planNamed('fine-tune-top', backbone) };
  }
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
