import { availableParallelism } from 'node:os';
import { backboneCost, FORWARD_AND_BACK } from '../backbones/backbone-cost.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import type { TensorRuntime } from '../tensor/tensor-runtime.ts';
import { trainingSpeed } from '../training-speed.ts';
import { chooseStrategy } from './choose-strategy.ts';
import { type CutPlan, type NamedStrategy, planDeeper, planFreeze, planNamed, trainedStages, trunkCost } from './cut-plan.ts';
import { type Evidence, evidenceNumbers } from './evidence.ts';
import { unfreezingEpochs } from './unfreezing-epochs.ts';

/** What is frozen, what trains, and why. */
export interface Plan extends CutPlan {
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
  const asked = { mayStayFrozen: false, evidence: { trainingImages, classes } };
  if (spec.freeze !== undefined) return { ...planFreeze(spec.freeze, backbone), ...asked, reason: FREEZE_ASKED };
  if (spec.strategy !== 'auto') return { ...planNamed(spec.strategy, backbone), ...asked, reason: strategyAsked[spec.strategy] };
  const found = await context.gather();
  const minutes = tuningMinutes(spec, context);
  const { budgetMinutes } = spec.fineTuning;
  const { name, reason, stage } = chooseStrategy(found, { runtime: context.runtime, minutes, budgetMinutes });
  const expected = name === 'fine-tune-top' || name === 'fine-tune-all' ? { expectedMinutes: minutes[name] } : {};
  const named = planNamed(name, backbone, stage);
  const plan = { ...named, mayStayFrozen: named.tail, reason, evidence: { ...evidenceNumbers(found), ...expected } };
  const deeper = planDeeper(backbone);
  if (name !== 'fine-tune-top' || deeper === undefined || minutes.deeper > budgetMinutes) return plan;
  return { ...plan, deeper: { ...plan, ...deeper, mayStayFrozen: false } };
}

const FREEZE_ASKED = 'As asked: what was named stays frozen, the rest trains.';
const strategyAsked: Readonly<Record<NamedStrategy, string>> = {
  'feature-extraction': 'As asked: all layers stay frozen, and a head is trained on the features at their top.',
  'earlier-features':
    'As asked: a head on the features of an earlier stage, which know less of the classes that the backbone was trained on.',
  'fine-tune-top': 'As asked: a head first, then the top stages with it at a lower rate.',
  'fine-tune-all': 'As asked: a head first, then every layer with it at a lower rate, from the pretrained weights on.',
};

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
  const { total } = backboneCost(backbone);
  const deeper = planDeeper(backbone);
  const large = (deeper && trunkCost(deeper, backbone)?.multiplyAdds) ?? 0;
  const once = (plan: CutPlan): number => {
    const from = trunkCost(plan, backbone)?.multiplyAdds ?? 0;
    const multiplyAdds = total.multiplyAdds - from + (LARGE_MAPS - 1) * Math.max(0, large - from);
    const epochs = fineTuning.epochs + unfreezingEpochs(fineTuning, trainedStages(plan, backbone).length);
    return (epochs * FORWARD_AND_BACK * trainingImages * multiplyAdds) / trainingSpeed(runtime, availableParallelism()) / 60;
  };
  const times = training.refit ? 2 : 1;
  const [top, all] = [once(planNamed('fine-tune-top', backbone)), once(planNamed('fine-tune-all', backbone))];
  return {
    'fine-tune-top': times * top,
    'fine-tune-all': times * all,
    deeper: deeper === undefined ? 0 : top + times * once(deeper),
  };
}
