import type { Metrics } from '../../contracts/metrics.ts';
import type { ModelReport } from '../../contracts/model-report.ts';
import { type ConfusionCounts, f1, precision, recall, support } from '../../training/metrics/confusion-counts.ts';
import { wilsonInterval } from '../../training/metrics/wilson-interval.ts';
import type { BootstrapResult } from '../statistics/bootstrap-classes.ts';
import type { EffectiveCounts } from '../statistics/effective-counts.ts';
import type { Interval } from '../statistics/interval.ts';
import { estimate, rounded } from './rounded.ts';

/** The most classes of the report: those with the lowest F1. */
const MOST_CLASSES = 1000;

/** What intervals follow from, besides the counts. */
interface Uncertainty extends Pick<BootstrapResult, 'classes'> {
  /** As `effectiveCounts`. */
  readonly effective: readonly EffectiveCounts[];
}

/**
 * Precision, recall and F1 of each class, with intervals, and its AUC.
 * @returns the lowest F1 first; classes without images last
 */
export function measureClasses(
  counts: readonly ConfusionCounts[],
  uncertainty: Uncertainty,
  labels: readonly string[],
  perClass: Metrics['perClass'],
): ModelReport['classes'] {
  const rows = estimateClasses(counts, uncertainty).map((row, of) => {
    const auc = perClass[of]?.auc;
    return { label: labels[of] ?? '', ...row, ...(auc !== undefined && { auc: rounded(auc) }) };
  });
  return rows.sort((a, b) => (a.f1?.value ?? 2) - (b.f1?.value ?? 2)).slice(0, MOST_CLASSES);
}

/**
 * Precision, recall and F1 of each class, with bootstrap intervals. A precision or recall of exactly 0 or 1 has Wilson's
 * interval, because all replicates of a bootstrap would be equal; so has one of related images, which are often of few
 * groups.
 * @returns in the order of `counts`
 */
export function estimateClasses(
  counts: readonly ConfusionCounts[],
  { classes: intervals, effective }: Uncertainty,
): Pick<ModelReport['classes'][number], 'support' | 'precision' | 'recall' | 'f1'>[] {
  return counts.map((count, of) => {
    const own = intervals[of];
    const related = effective[of];
    const predicted = count.truePositives + count.falsePositives;
    const images = support(count);
    return {
      support: images,
      ...(predicted > 0 && {
        precision: proportion(precision(count), [count.truePositives, predicted, related?.predicted], own?.precision),
      }),
      ...(images > 0 && { recall: proportion(recall(count), [count.truePositives, images, related?.present], own?.recall) }),
      ...(images > 0 && own?.f1 && { f1: estimate(f1(count), own.f1) }),
    };
  });
}

function proportion(
  value: number,
  [successes, trials, effective]: readonly [successes: number, trials: number, effective: number | undefined],
  bootstrap: Interval | undefined,
) {
  const isExtreme = successes === 0 || successes === trials;
  if (isExtreme || effective !== undefined || bootstrap === undefined)
    return estimate(value, wilsonInterval(value, effective ?? trials));
  return estimate(value, bootstrap);
}
