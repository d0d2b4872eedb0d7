import { availableParallelism } from 'node:os';
import { backboneCost, FORWARD_AND_BACK } from '../backbones/backbone-cost.ts';
import type { Backbone } from '../backbones/build-backbone.ts';
import type { CutCost } from '../backbones/count-costs.ts';
import type { BackboneSpec, JobSpec } from '../contracts/job-spec.ts';
import type { TensorRuntime } from '../tensor/tensor-runtime.ts';
import { trainingSpeed } from '../training-speed.ts';
import { chooseStrategy } from './choose-strategy.ts';
import { deeperCut, earlierCut, stagesAfter } from './earlier-cut.ts';
import { type Evidence, evidenceNumbers } from './evidence.ts';
import { resolveFreeze } from './resolve-freeze.ts';
import { unfreezingEpochs } from './unfreezing-epochs.ts';

/**
 * Where trunk and tail meet: at the backbone's end, before its first layer, or at the output of one of its layers. `stages` is no place to
 * train from but to look: the means of the maps at the end of every stage, one after the other.
 */
export type CutAt = 'top' | 'images' | 'stages' | { readonly layer: string };

/** What is frozen, what trains, and why. */
export interface Plan {
  readonly name: string;
  readonly cut: Exclude<CutAt, 'stages'>;
  /** Whether the layers behind the cut train, too; otherwise a head is trained on the features at the cut. */
  readonly tail: boolean;
  /** Layers behind the cut that stay as they are. */
  readonly frozen: ReadonlySet<string>;
  /** Whether a head is trained on frozen features first, so that its random beginning does not spoil the tail. */
  readonly warmUp: boolean;
  /** Whether the frozen backbone with its head is the answer where the validation images say that fine-tuning did no good. */
  readonly mayStayFrozen: boolean;
  /** What is tried as well, where the validation images like all of the way that this plan's layers go: more of them may gain more. */
  readonly deeper?: Plan;
  readonly reason: string;
  readonly evidence: Readonly<Record<string, number>>;
}

export interface PlanContext {
  /** Images that are learnt from. */
  readonly trainingImages: number;
  readonly classes: number;
  readonly runtime: TensorRuntime['name'];
  /** Called only where all of its layers must be known. */
  readonly backbone: () => Backbone;
  /** Called only where there is something to choose. */
  readonly gather: () => Promise<Evidence>;
}

/**
 * What to freeze. A strategy is one of the four cases (few or many images, like or unlike what the backbone was trained on), named or
 * chosen by evidence; `freeze` names a cut instead, and then all behind it trains in one phase, as a Keras user would do it.
 * @throws SpecError as resolveFreeze; as gatherEvidence
 */
export async function planStrategy(spec: JobSpec, context: PlanContext): Promise<Plan> {
  const { trainingImages, classes, backbone } = context;
  const evidence = { trainingImages, classes };
  if (spec.freeze !== undefined) return planFreeze(spec.freeze, backbone(), evidence);
  if (spec.strategy !== 'auto') return { ...planNamed(spec.strategy, spec), evidence };
  const found = await context.gather();
  const minutes = tuningMinutes(spec, context);
  const { budgetMinutes } = spec.fineTuning;
  const choice = chooseStrategy(found, { runtime: context.runtime, minutes, budgetMinutes });
  const { name, reason } = choice;
  const expected = name === 'fine-tune-top' || name === 'fine-tune-all' ? { expectedMinutes: minutes[name] } : {};
  const named = planNamed(name, spec, choice.stage);
  const plan = { ...named, mayStayFrozen: named.tail, reason, evidence: { ...evidenceNumbers(found), ...expected } };
  const deeper = deeperCut(backboneCost(spec.backbone).cuts);
  if (name !== 'fine-tune-top' || deeper === undefined || minutes.deeper > budgetMinutes) return plan;
  return { ...plan, deeper: { ...plan, cut: { layer: deeper.layer }, mayStayFrozen: false } };
}

type NamedStrategy = Exclude<JobSpec['strategy'], 'auto'>;

const asAsked: Readonly<Record<NamedStrategy, string>> = {
  'feature-extraction': 'As asked: all layers stay frozen, and a head is trained on the features at their top.',
  'earlier-features':
    'As asked: a head on the features of an earlier stage, which know less of the classes that the backbone was trained on.',
  'fine-tune-top': 'As asked: a head first, then the top stages with it at a lower rate.',
  'fine-tune-all': 'As asked: a head first, then every layer with it at a lower rate, from the pretrained weights on.',
};

function planNamed(name: NamedStrategy, { backbone }: JobSpec, stage?: string): Omit<Plan, 'evidence'> {
  const tail = name === 'fine-tune-top' || name === 'fine-tune-all';
  return {
    name,
    cut: cutOf(name, backbone, stage),
    tail,
    warmUp: tail,
    frozen: new Set(),
    mayStayFrozen: false,
    reason: asAsked[name],
  };
}

function cutOf(name: NamedStrategy, backbone: BackboneSpec, stage: string | undefined): Plan['cut'] {
  if (name === 'feature-extraction') return 'top';
  if (name === 'fine-tune-all') return 'images';
  const { cuts } = backboneCost(backbone);
  const cut = cuts.find(({ name }) => name === stage) ?? earlierCut(cuts);
  return cut === undefined ? 'images' : { layer: cut.layer };
}

function planFreeze(freeze: NonNullable<JobSpec['freeze']>, backbone: Backbone, evidence: Plan['evidence']): Plan {
  const { cut, layers } = resolveFreeze(freeze, backbone);
  const top = backbone.cuts.at(-1)?.layer;
  const shared = {
    frozen: layers,
    warmUp: false,
    mayStayFrozen: false,
    evidence,
    reason: 'As asked: what was named stays frozen, the rest trains.',
  };
  if (cut !== undefined && cut === top) return { ...shared, name: 'feature-extraction', cut: 'top', tail: false };
  if (cut === undefined) return { ...shared, name: 'fine-tune-all', cut: 'images', tail: true };
  return { ...shared, name: 'fine-tune-top', cut: { layer: cut }, tail: true };
}

/**
 * Layers before `deeperCut` work on large maps of few channels, where bringing the numbers takes longer than multiplying them: what one of
 * their multiply-adds takes, in those of later layers (EfficientNet-Lite0 at 224 pixels, native, 2 cores; 2026-11-25).
 */
const LARGE_MAPS = 4;

/**
 * What fine-tuning is expected to take, from the multiply-adds of the layers that train: of the top stages, of all, and of the top stages
 * followed by `deeper` ones.
 */
function tuningMinutes({ backbone, fineTuning, training }: JobSpec, { trainingImages, runtime }: PlanContext) {
  const { total, cuts } = backboneCost(backbone);
  const [earlier, deeper] = [earlierCut(cuts), deeperCut(cuts)];
  const epochMinutes = (from: CutCost | undefined): number => {
    const large = Math.max(0, (deeper?.multiplyAdds ?? 0) - (from?.multiplyAdds ?? 0));
    const multiplyAdds = total.multiplyAdds - (from?.multiplyAdds ?? 0) + (LARGE_MAPS - 1) * large;
    return (FORWARD_AND_BACK * trainingImages * multiplyAdds) / trainingSpeed(runtime, availableParallelism()) / 60;
  };
  const epochsFrom = (cut: CutCost | undefined): number =>
    fineTuning.epochs + unfreezingEpochs(fineTuning, stagesAfter(cuts, cut));
  const once = (from: CutCost | undefined): number => epochsFrom(from) * epochMinutes(from);
  const times = training.refit ? 2 : 1;
  return {
    'fine-tune-top': times * once(earlier),
    'fine-tune-all': times * once(undefined),
    deeper: once(earlier) + times * once(deeper),
  };
}
