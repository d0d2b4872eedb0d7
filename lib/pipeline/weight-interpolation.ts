/** Weight interpolation after a fine-tuning (WiSE-FT), and its explanation. */
import { round } from '../arithmetic.ts';
import { evidenceKeys } from '../contracts/strategy-evidence.ts';
import { describeLayersAfter } from '../freezing/cut-plan.ts';
import type { Plan, StrategyRecord } from '../freezing/plan-strategy.ts';
import type { EngineNetwork } from '../training/engine.ts';
import type { Examples } from '../training/examples.ts';
import { chooseInterpolation, type Interpolation } from '../training/interpolate-weights.ts';
import type { Snapshot } from '../training/snapshot.ts';
import { comparedImages } from './compared-images.ts';
import { lossOf, type TrainingContext } from './training-context.ts';

/**
 * Sets a network's weights to the best interpolation between the weights before a fine-tuning and the current ones.
 */
export async function interpolateTail(
  network: EngineNetwork,
  before: Snapshot,
  plan: Plan,
  validation: Examples,
  context: TrainingContext,
): Promise<Interpolation> {
  const { job, world, split } = context;
  const copies = { before, after: await network.snapshot(), canKeepFrozen: plan.canKeepFrozen };
  const images = { validation, loss: lossOf(job), ...comparedImages(split.validation, validation, context) };
  const interpolation = await chooseInterpolation(network, copies, images);
  world.log('blend', { job: job.id, ...interpolationEvidence(interpolation) });
  return interpolation;
}

/**
 * The explanation of keeping the frozen backbone: on the validation images, every share of the fine-tuning was
 * significantly worse.
 */
export function keepFrozen(plan: Plan, interpolation: Interpolation): StrategyRecord {
  const [frozen, tuned] = [interpolation.losses.get(0) ?? 0, interpolation.losses.get(1) ?? 0];
  return {
    name: 'feature-extraction',
    reason:
      `${plan.reason} Fine-tuning (${plan.name}) was tried and not kept: the validation loss rose from ${frozen.toFixed(3)} ` +
      `to ${tuned.toFixed(3)}, and the best interpolation between the weights was significantly worse too, so all layers stayed ` +
      'frozen.',
    evidence: { ...plan.evidence, ...interpolationEvidence(interpolation) },
  };
}

/**
 * The explanation of training more layers than the top stages.
 * @param losses on the validation images; `deeper` is undefined if the training did not fit into memory
 */
export function describeDeeper(
  strategy: StrategyRecord,
  cut: Plan['cut'],
  { top, deeper }: { readonly top: number; readonly deeper: number | undefined },
): StrategyRecord {
  if (deeper === undefined) return deeperFailed(strategy, cut, 'there was not enough memory for it');
  return {
    ...strategy,
    reason:
      `${triedDeeper(strategy, cut)}: the loss changed from ${top.toFixed(3)} to ` +
      `${deeper.toFixed(3)}${deeper < top ? '' : ', so the first result was kept'}.`,
    evidence: { ...strategy.evidence, 'validationLoss.top': round(top), 'validationLoss.deeper': round(deeper) },
  };
}

/** The explanation if training more layers than the top stages failed. @param why without a full stop */
export function deeperFailed(strategy: StrategyRecord, cut: Plan['cut'], why: string): StrategyRecord {
  return { ...strategy, reason: `${triedDeeper(strategy, cut)}, but ${why}.` };
}

function triedDeeper({ reason }: StrategyRecord, cut: Plan['cut']): string {
  return `${reason} Full fine-tuning had the lowest validation loss, so training ${describeLayersAfter(cut)} was tried too`;
}

export function interpolationEvidence({ share, losses }: Interpolation): Record<string, number> {
  const ofShares = [...losses].map(([at, loss]) => [`validationLoss.${at}`, round(loss)]);
  return { [evidenceKeys.interpolationShare]: share, ...Object.fromEntries(ofShares) };
}
