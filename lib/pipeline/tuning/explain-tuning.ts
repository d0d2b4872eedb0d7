/** What the reason of a strategy says about its fine-tuning: why it was left out, or how it differs from its plan. */
import { round } from '../../arithmetic.ts';
import { describeLayersAfter } from '../../freezing/cut-plan.ts';
import type { Plan, StrategyRecord, TuningPlan } from '../../freezing/plan-strategy.ts';
import type { Interpolation } from '../../training/interpolate-weights.ts';
import { withSentence } from '../extend-strategy.ts';
import type { TrainedNetwork } from '../network.ts';
import type { TuningTimes } from './tuning-times.ts';
import { interpolationEvidence } from './weight-interpolation.ts';

const FROZEN = 'feature-extraction';

/** Strategy `auto` had no time for a fine-tuning. @param why without a full stop */
export function timeExhausted(plan: Plan, why: string, { training }: Pick<TuningTimes, 'training'>): StrategyRecord {
  const expectedMinutes = Number((training / 60).toPrecision(3));
  return withoutTuning(plan, `There was no time for fine-tuning (${plan.name}): ${why}`, { expectedMinutes });
}

/** A fine-tuning that strategy `auto` chose did not fit into memory. */
export function memoryTooSmall(plan: Plan): StrategyRecord {
  return withoutTuning(plan, `Fine-tuning (${plan.name}) did not fit into memory`);
}

/** On the validation images, every share of the fine-tuning was significantly worse than the frozen backbone. */
export function lossRose(plan: Plan, interpolation: Interpolation): StrategyRecord {
  const [frozen, tuned] = [interpolation.losses.get(0) ?? 0, interpolation.losses.get(1) ?? 0];
  const sentence =
    `Fine-tuning (${plan.name}) was tried and not kept: the validation loss rose from ${frozen.toFixed(3)} to ` +
    `${tuned.toFixed(3)}, and the best interpolation between the weights was significantly worse too`;
  return withoutTuning(plan, sentence, interpolationEvidence(interpolation));
}

/** @param why without a full stop */
function withoutTuning({ reason, evidence }: Plan, why: string, numbers?: StrategyRecord['evidence']): StrategyRecord {
  return withSentence({ name: FROZEN, reason, evidence }, `${why}, so all layers stayed frozen.`, numbers);
}

/** A fine-tuning had fewer epochs than planned. @param why the planned ones were too many, without a full stop */
export function hadFewerEpochs(plan: TuningPlan, epochs: number, planned: number, why: string): TuningPlan {
  return withSentence(plan, `Fine-tuning had ${epochs} epochs, because with ${planned} ${why}.`);
}

/** A fine-tuning ended before its last epoch. @param limit what left no time */
export function wasShortened(strategy: StrategyRecord, epochs: number, limit: string): StrategyRecord {
  return withSentence(strategy, `Fine-tuning ended after ${epochs} epochs: ${limit} leaves no time for another epoch.`);
}

/** There was no time to train more layers than the top stages. @param why without a full stop */
export function hadNoTimeForDeeper(strategy: StrategyRecord, cut: Plan['cut'], why: string): StrategyRecord {
  return withSentence(strategy, `There was no time to train ${describeLayersAfter(cut)} as well: ${why}.`);
}

/**
 * More layers than the top stages were trained.
 * @param losses on the validation images; `deeper` is undefined if the training did not fit into memory
 */
export function describeDeeper(
  strategy: StrategyRecord,
  cut: Plan['cut'],
  { top, deeper }: { readonly top: number; readonly deeper: number | undefined },
): StrategyRecord {
  if (deeper === undefined) return deeperFailed(strategy, cut, 'there was not enough memory for it');
  const sentence =
    `${triedDeeper(cut)}: the loss changed from ${top.toFixed(3)} to ${deeper.toFixed(3)}` +
    `${deeper < top ? '' : ', so the first result was kept'}.`;
  return withSentence(strategy, sentence, { 'validationLoss.top': round(top), 'validationLoss.deeper': round(deeper) });
}

/** Training more layers than the top stages failed. @param why without a full stop */
export function deeperFailed(strategy: StrategyRecord, cut: Plan['cut'], why: string): StrategyRecord {
  return withSentence(strategy, `${triedDeeper(cut)}, but ${why}.`);
}

function triedDeeper(cut: Plan['cut']): string {
  return `Full fine-tuning had the lowest validation loss, so training ${describeLayersAfter(cut)} was tried too`;
}

/** The network before the retraining on training and validation images is served. @param why without a full stop */
export function wasNotRetrained(strategy: TrainedNetwork['strategy'], why: string): TrainedNetwork['strategy'] {
  return withSentence(strategy, `The model trained on the training images alone: ${why}.`);
}

/** The user finished the job early. @param without the work that was left out */
export function wasFinishedEarly(
  strategy: TrainedNetwork['strategy'],
  without: 'fine-tuning' | 'retraining on training and validation images',
): TrainedNetwork['strategy'] {
  const sentence = `The job was finished early on request, so the model was published without ${without}.`;
  return { ...withSentence(strategy, sentence), finishedEarly: true };
}
