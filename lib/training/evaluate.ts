import type { Metrics } from '../contracts/metrics.ts';
import type { EngineNetwork } from './engine.ts';
import type { Examples } from './examples.ts';
import type { Loss } from './losses/loss.ts';
import { accuracy } from './metrics/accuracy.ts';
import { areasUnderCurve, macroAuc } from './metrics/area-under-curve.ts';
import { balancedAccuracy, macroF1, microF1 } from './metrics/class-averages.ts';
import { confusionCounts, f1, precision, recall, support } from './metrics/confusion-counts.ts';
import { expectedCalibrationError } from './metrics/expected-calibration-error.ts';
import type { LabelledLogits } from './metrics/labelled-logits.ts';
import { meanAveragePrecision } from './metrics/mean-average-precision.ts';
import { negativeLogLikelihood } from './metrics/negative-log-likelihood.ts';
import { topKAccuracy } from './metrics/top-k-accuracy.ts';
import { predictLogits } from './predict-logits.ts';

/**
 * Computes the metrics of a network on examples.
 * @param labels names of the classes
 * @param thresholds from `tuneThresholds` for multi-label; default: 0.5 each
 */
export async function evaluate(
  network: EngineNetwork,
  examples: Examples,
  loss: Loss,
  labels: readonly string[],
  thresholds?: readonly number[],
): Promise<Metrics> {
  const predictions = await predictLogits(network, examples, loss);
  return { loss: predictions.loss, ...metricsOf(predictions, labels, thresholds) };
}

/** Computes all metrics except the loss, from plain numbers. Those that do not apply to the examples are absent. */
export function metricsOf(
  scores: LabelledLogits,
  labels: readonly string[],
  thresholds?: readonly number[],
): Omit<Metrics, 'loss'> {
  const counts = confusionCounts(scores, thresholds);
  const areas = areasUnderCurve(scores);
  const auc = macroAuc(areas);
  const choices = scores.task === 'single-label' ? scores.classes : 0;
  return {
    negativeLogLikelihood: negativeLogLikelihood(scores),
    expectedCalibrationError: expectedCalibrationError(scores),
    accuracy: accuracy(scores, thresholds),
    ...(choices > 3 && { top3Accuracy: topKAccuracy(scores, 3) }),
    ...(choices > 5 && { top5Accuracy: topKAccuracy(scores, 5) }),
    ...(scores.task === 'single-label' && { balancedAccuracy: balancedAccuracy(counts) }),
    ...known({ macroF1: macroF1(counts), microF1: microF1(counts), auc }),
    ...(scores.task === 'multi-label' && known({ meanAveragePrecision: meanAveragePrecision(scores) })),
    perClass: counts.map((of, i) => ({
      label: labels[i] ?? String(i),
      precision: precision(of),
      recall: recall(of),
      f1: f1(of),
      support: support(of),
      ...(areas[i] !== undefined && { auc: areas[i] }),
    })),
  };
}

/** The metrics that have a value. */
function known<Name extends string>(metrics: Readonly<Record<Name, number | undefined>>): { [name in Name]?: number } {
  const result: { [name in Name]?: number } = {};
  for (const name in metrics) if (metrics[name] !== undefined) result[name] = metrics[name];
  return result;
}
