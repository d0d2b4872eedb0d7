import { at32 } from '../arithmetic.ts';
import type { Metrics } from '../contracts/metrics.ts';
import { metricsOf } from './evaluate.ts';
import type { LabelledLogits } from './metrics/labelled-logits.ts';

/** Where a detector draws the line, in its scores. */
export interface DetectorLine {
  readonly threshold: number;
  /** Standard deviation of the scores of its class. */
  readonly spread: number;
}

/**
 * Writes the scores of a detector as logits of its class, which are 0 at the threshold and fall by 1 for each standard
 * deviation: the served graph gives the same probabilities.
 * @param targets [images]: 1 for images of the class
 */
export function detectorLogits(scores: Float32Array, targets: Float32Array, { threshold, spread }: DetectorLine): LabelledLogits {
  return {
    task: 'multi-label',
    count: scores.length,
    classes: 1,
    logits: scores.map((score) => (threshold - score) / spread),
    targets,
  };
}

/**
 * Computes the metrics of a detector: the share of right decisions, and the area under the ROC curve if there are
 * images of other classes.
 * @param targets [images]: 1 for images of the class
 */
export function detectorMetrics(scores: Float32Array, targets: Float32Array, line: DetectorLine, label: string): Metrics {
  return oneClassMetrics(detectorLogits(scores, targets, line), label);
}

/** The metrics of one label that apply to a detector. */
export function oneClassMetrics(logits: LabelledLogits, label: string): Metrics {
  const { negativeLogLikelihood, accuracy, perClass, auc } = metricsOf(logits, [label]);
  const own = logits.targets.reduce((total, target) => total + target, 0);
  const isMixed = own > 0 && own < logits.count;
  const refused = logits.logits.reduce((total, logit, row) => total + Number(logit < 0 && logits.targets[row] === 0), 0);
  return {
    loss: negativeLogLikelihood,
    negativeLogLikelihood,
    ...(accuracy !== undefined && { accuracy }),
    ...(isMixed && { balancedAccuracy: ((perClass[0]?.recall ?? 0) + refused / (logits.count - own)) / 2 }),
    ...(auc !== undefined && { auc }),
    perClass,
  };
}

/**
 * The metrics of images that a detector should refuse, as if these and the images of its class were the only ones:
 * recall is the share of them that it refuses.
 * @param own rows of the images of its class
 * @param others rows of the images that it should refuse; a row of both counts once, as one of its class
 */
export function refusedMetrics(
  { logits, targets }: LabelledLogits,
  own: readonly number[],
  others: readonly number[],
  label: string,
): Metrics['perClass'][number] {
  const rows = [...own, ...others.filter((row) => targets[row] !== 1)];
  const compared = {
    task: 'multi-label' as const,
    count: rows.length,
    classes: 1,
    logits: Float32Array.from(rows, (row) => -at32(logits, row)),
    targets: Float32Array.from(rows, (row) => 1 - at32(targets, row)),
  };
  const [metrics] = metricsOf(compared, [label]).perClass;
  return metrics ?? { label, precision: 0, recall: 0, f1: 0, support: 0 };
}
