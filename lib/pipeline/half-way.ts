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
export function stayedFrozen(plan: Plan, blend: Blend): Pick<Plan, 'name' | 'reason' | 'evidence'> {
  const [frozen, tuned] = [blend.losses.get(0) ?? 0, blend.losses.get(1) ?? 0];
  return {
    name: 'feature-extraction',
    reason: `${plan.reason} It was tried (${plan.name}) and did no good: the validation loss rose from ${frozen.toFixed(3)} to ${tuned.toFixed(3)}, and on the way there by more than chance, so all layers stayed frozen.`,
    evidence: { ...plan.evidence, ...blendNumbers(blend) },
  };
}

export function blendNumbers({ share, losses }: Blend): Record<string, number> {
  return { blend: share, ...Object.fromEntries([...losses].map(([at, loss]) => [`validationLoss.${at}`, round(loss)])) };
}
