import type { ModelReport } from '../../contracts/model-report.ts';
import type { LabelledLogits } from '../../training/metrics/labelled-logits.ts';
import { rankClass } from '../../training/metrics/rank-scores.ts';
import { thinCurve } from '../statistics/thin-curve.ts';
import { choiceForRecall, type ThresholdChoice, thresholdChoices } from '../statistics/threshold-choices.ts';
import { reachesPrecision } from './reaches-precision.ts';
import { rounded, roundedPoint } from './rounded.ts';

type LabelThresholds = NonNullable<ModelReport['thresholds']>;

/** The most labels of the report: those with the lowest F1. */
const MOST_LABELS = 40;
const WANTED = 0.9;

/**
 * Precision and recall of the labels of a multi-label model over their thresholds. Leaves out labels that no image has.
 * @param probabilities [count, classes], of `scores`
 * @param worst classes in order of their F1
 */
export function measureThresholds(
  scores: LabelledLogits,
  probabilities: Float64Array,
  {
    labels,
    thresholds,
    worst,
  }: { readonly labels: readonly string[]; readonly thresholds: readonly number[]; readonly worst: readonly number[] },
): LabelThresholds {
  return worst.slice(0, MOST_LABELS).flatMap((of) => {
    const ranked = rankClass(scores, probabilities, of);
    const choices = thresholdChoices(ranked);
    if (choices.length === 0) return [];
    const chosen = thresholds[of] ?? 0.5;
    const effect = choices.findLast(({ threshold }) => threshold >= chosen);
    const precise = choices.findLast((choice) => reachesPrecision(choice, WANTED));
    const sensitive = choiceForRecall(choices, WANTED);
    return [
      {
        label: labels[of] ?? '',
        support: ranked.positives,
        chosen: rounded(chosen),
        ...(effect && { precision: rounded(effect.precision), recall: rounded(effect.recall) }),
        ...(precise && { precise: roundedChoice(precise) }),
        ...(sensitive && { sensitive: roundedChoice(sensitive) }),
        precisionPoints: pointsOf(choices, 'precision'),
        recallPoints: pointsOf(choices, 'recall'),
      },
    ];
  });
}

function roundedChoice({ threshold, precision, recall }: ThresholdChoice): NonNullable<LabelThresholds[number]['precise']> {
  return { threshold: rounded(threshold), precision: rounded(precision), recall: rounded(recall) };
}

function pointsOf(choices: readonly ThresholdChoice[], of: 'precision' | 'recall'): [number, number][] {
  return thinCurve(
    choices.map((choice) => [choice.threshold, choice[of]]),
    0.005,
  ).map(roundedPoint);
}
