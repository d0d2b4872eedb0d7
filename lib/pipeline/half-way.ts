/** How much of a fine-tuning is kept, and what is said of it. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { round } from '../freezing/evidence.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { type Blend, chooseBlend, copyWeights } from '../training/blend-weights.ts';
import type { Examples } from '../training/examples.ts';
import { lossFor } from '../training/losses/loss-for.ts';
import type { Snapshot } from '../training/snapshot.ts';
import type { TrainingContext } from './prepare-examples.ts';
import { taskOf } from './train-phases.ts';

/** Leaves a network between its weights before a fine-tuning and those that it has now. */
export async function blendOf(
  network: LayersModel,
  before: Snapshot,
  plan: Plan,
  validation: Examples,
  { job, world }: TrainingContext,
): Promise<Blend> {
  const copies = { before, after: await copyWeights(network), mayStay: plan.mayStayFrozen };
  const blend = await chooseBlend(network, copies, { validation, loss: lossFor(taskOf(job), job.spec.training) });
  world.log('blend', { job: job.id, ...blendNumbers(blend) });
  return blend;
}

/** Not a failure but an answer: the validation images liked no step away from the frozen backbone. */
export function stayedFrozen(plan: Plan, blend: Blend): Said {
  const [frozen, tuned] = [blend.losses.get(0) ?? 0, blend.losses.get(1) ?? 0];
  return {
    name: 'feature-extraction',
    reason: `${plan.reason} It was tried (${plan.name}) and did no good: the validation loss rose from ${frozen.toFixed(3)} to ${tuned.toFixed(3)}, and on the way there by more than chance, so all layers stayed frozen.`,
    evidence: { ...plan.evidence, ...blendNumbers(blend) },
  };
}

/** What came of training more layers than the top stages. @param losses on the validation images; of `deeper` none where it did not fit into memory */
export function triedDeeper(
  strategy: Said,
  cut: Plan['cut'],
  { top, deeper }: { readonly top: number; readonly deeper: number | undefined },
): Said {
  const from = typeof cut === 'object' ? `the layers behind ${cut.layer}` : 'all layers';
  const reason = `${strategy.reason} The validation images liked all of the way, so ${from} were to train as well`;
  if (deeper === undefined) return { ...strategy, reason: `${reason}, for which there is not enough memory.` };
  return {
    ...strategy,
    reason: `${reason}: their loss became ${deeper.toFixed(3)}, from ${top.toFixed(3)}${deeper < top ? '' : ', so the first answer was kept'}.`,
    evidence: { ...strategy.evidence, 'validationLoss.top': round(top), 'validationLoss.deeper': round(deeper) },
  };
}

type Said = Pick<Plan, 'name' | 'reason' | 'evidence'>;

export function blendNumbers({ share, losses }: Blend): Record<string, number> {
  return { blend: share, ...Object.fromEntries([...losses].map(([at, loss]) => [`validationLoss.${at}`, round(loss)])) };
}
