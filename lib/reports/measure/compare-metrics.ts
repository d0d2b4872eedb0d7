import {
  type ClassMetric,
  type ComparedClass,
  type ComparedMetric,
  type ModelDiff,
  OverallMetric,
} from '../../contracts/model-diff.ts';
import { type RandomStream, randomStream } from '../../random.ts';
import { balancedAccuracy, macroF1, microF1 } from '../../training/metrics/class-averages.ts';
import { type ConfusionCounts, confusionCounts, f1, precision, recall } from '../../training/metrics/confusion-counts.ts';
import { decisionsOf, probabilitiesOf } from '../../training/metrics/labelled-logits.ts';
import { meanAveragePrecision } from '../../training/metrics/mean-average-precision.ts';
import { type BootstrapResult, bootstrapClasses, bootstrapDifferences } from '../statistics/bootstrap-classes.ts';
import { compareErrors, meanGain } from '../statistics/compare-errors.ts';
import { decidedCells } from '../statistics/decided-cells.ts';
import { effectiveCounts } from '../statistics/effective-counts.ts';
import { groupsAmong, type ImageGroups } from '../statistics/image-groups.ts';
import type { Interval } from '../statistics/interval.ts';
import type { McNemarResult } from '../statistics/mcnemar.ts';
import type { AlignedScores, AlignedVersion } from './align-scores.ts';
import { estimateClasses } from './measure-classes.ts';
import { measureHeadline } from './measure-headline.ts';
import { labelTexts } from './predicted-texts.ts';
import { estimate, rounded } from './rounded.ts';

type ClassMetrics<Metric> = Pick<ComparedClass, 'label' | 'support'> & { readonly [name in ClassMetric]?: Metric | undefined };

/** Metrics of a whole model and of its classes. A metric that the images do not give is absent. */
export interface MetricsAndClasses<Metric> {
  readonly metrics: { readonly [name in OverallMetric]?: Metric | undefined };
  /** In the order of the labels. */
  readonly classes: readonly ClassMetrics<Metric>[];
}

/** The metrics of one version, each with its interval if it has one. */
export type VersionMetrics = MetricsAndClasses<ComparedMetric['after']>;

/** What a comparison says of the metrics, and whether each version is right on each image. */
export interface ComparedMetrics extends Pick<ModelDiff, 'metrics' | 'mcnemar'> {
  /** In the order of the labels. */
  readonly classes: readonly ComparedClass[];
  /** The later version's own metrics, also those that cannot be compared because the earlier version lacks them. */
  readonly after: VersionMetrics;
  /** The predicted and the true labels of each image, joined to one text. */
  readonly texts: { readonly before: readonly string[]; readonly after: readonly string[]; readonly truth: readonly string[] };
}

/** Metrics that follow from the counts of the classes. */
const COUNTED: Partial<Record<OverallMetric, (counts: readonly ConfusionCounts[]) => number | undefined>> = {
  balancedAccuracy,
  macroF1,
  microF1,
};
const OF_CLASS: Readonly<Record<ClassMetric, (counts: ConfusionCounts) => number>> = { precision, recall, f1 };

/** Intervals of differences that the bootstrap gives. */
type Differences = Pick<BootstrapResult, 'macroF1' | 'microF1' | 'balancedAccuracy' | 'classes'>;

/**
 * Compares the metrics of two versions on the same images. Intervals of differences are paired: for accuracy and recall
 * those of Bonett and Price, for the other metrics of decisions those of a paired bootstrap. Related images count as one.
 */
export function compareMetrics(aligned: AlignedScores): ComparedMetrics {
  const { groups } = aligned;
  const before = measure(aligned.before, aligned);
  const after = measure(aligned.after, aligned);
  const differences = bootstrapDifferences(before.cells, after.cells, drawing(), groups);
  const truth = after.texts.truth;
  const right = (texts: readonly string[], row: number) => texts[row] === truth[row];
  const counts = { bothRight: 0, onlyBefore: 0, onlyAfter: 0, bothWrong: 0 };
  const gains = truth.map((_, row) => {
    const [wasRight, isRight] = [right(before.texts.predicted, row), right(after.texts.predicted, row)];
    counts[wasRight ? (isRight ? 'bothRight' : 'onlyBefore') : isRight ? 'onlyAfter' : 'bothWrong']++;
    return Number(isRight) - Number(wasRight);
  });
  const { exact, midP, difference } = compareErrors(gains, groups);
  return {
    metrics: compareOverall(before, after, { ...differences, accuracy: difference }),
    mcnemar: { ...counts, exact: rounded(exact), midP: rounded(midP) },
    classes: compareClasses(aligned, before, after, differences),
    after: { metrics: after.metrics, classes: after.classes },
    texts: { before: before.texts.predicted, after: after.texts.predicted, truth },
  };
}

interface MeasuredVersion extends VersionMetrics {
  readonly counts: readonly ConfusionCounts[];
  readonly cells: ReturnType<typeof decidedCells>;
  readonly texts: ReturnType<typeof labelTexts>;
}

/** The same draws for every comparison, so that the differences of B and A are those of A and B with the other sign. */
function drawing(): RandomStream {
  return randomStream(0, 'diff', 'bootstrap');
}

/** The likelihood is left out if the version cannot predict a label of these images: it would be infinite. */
function measure(
  { scores, thresholds, hasAllLabels }: AlignedVersion,
  { labels, groups }: Pick<AlignedScores, 'labels' | 'groups'>,
): MeasuredVersion {
  const counts = confusionCounts(scores, thresholds);
  const cells = decidedCells(scores, thresholds);
  const bootstrap = bootstrapClasses(cells, drawing(), groups);
  const texts = labelTexts(scores, labels, thresholds);
  const headline = measureHeadline(scores, counts, {
    right: texts.predicted.map((text, row) => Number(text === texts.truth[row])),
    groups,
    bootstrap,
    meanAveragePrecision: scores.task === 'multi-label' ? meanAveragePrecision(scores) : undefined,
    probabilities: probabilitiesOf(scores),
  });
  const metrics = Object.fromEntries(
    Object.entries(headline).flatMap(([name, value]) => {
      if (name === 'negativeLogLikelihood' && !hasAllLabels) return [];
      return [[name, typeof value === 'number' ? { value } : value]];
    }),
  );
  const uncertainty = { ...bootstrap, effective: effectiveCounts(cells, groups) };
  const classes = estimateClasses(counts, uncertainty).map((row, of) => ({ ...row, label: labels[of] ?? '' }));
  return { counts, cells, metrics, classes, texts };
}

function compareOverall(
  before: MeasuredVersion,
  after: MeasuredVersion,
  differences: Omit<Differences, 'classes'> & { readonly accuracy: McNemarResult['difference'] },
): ModelDiff['metrics'] {
  const intervals: Partial<Record<OverallMetric, Interval>> = differences;
  const compared = (metric: OverallMetric): ComparedMetric | undefined => {
    const [first, second] = [before.metrics[metric], after.metrics[metric]];
    if (first === undefined || second === undefined) return undefined;
    // Reports round the values; a difference of rounded values may be wrong in its last digit.
    const ofCounts = COUNTED[metric];
    const of = (version: MeasuredVersion, metric: { readonly value: number }) => ofCounts?.(version.counts) ?? metric.value;
    const value = of(after, second) - of(before, first);
    const interval = intervals[metric];
    const difference =
      interval === undefined
        ? { value: rounded(value) }
        : estimate(metric === 'accuracy' ? differences.accuracy.value : value, interval);
    return { before: first, after: second, difference };
  };
  return Object.fromEntries(
    OverallMetric.options.flatMap((name) => {
      const metric = compared(name);
      return metric === undefined ? [] : [[name, metric]];
    }),
  );
}

function compareClasses(
  { labels, before: earlier, after: later, groups }: AlignedScores,
  before: MeasuredVersion,
  after: MeasuredVersion,
  differences: Differences,
): ComparedClass[] {
  const recalls = recallIntervals(earlier, later, groups);
  return labels.map((label, of) => {
    const [own, other] = [after.classes[of], before.classes[of]];
    const compared = (metric: ClassMetric): { [name: string]: ComparedMetric } => {
      const [was, is] = [other?.[metric], own?.[metric]];
      const interval = metric === 'recall' ? recalls[of] : differences.classes[of]?.[metric];
      if (was === undefined || is === undefined || interval === undefined) return {};
      const [earlierCount, laterCount] = [before.counts[of], after.counts[of]];
      if (earlierCount === undefined || laterCount === undefined) return {};
      const value = OF_CLASS[metric](laterCount) - OF_CLASS[metric](earlierCount);
      return { [metric]: { before: was, after: is, difference: estimate(value, interval) } };
    };
    return { label, support: own?.support ?? 0, ...compared('precision'), ...compared('recall'), ...compared('f1') };
  });
}

/** Intervals of the differences of recall: each is a share of the same images, which one version or both recognize. */
function recallIntervals({ scores: before, thresholds }: AlignedVersion, after: AlignedVersion, groups: ImageGroups): Interval[] {
  const { count, classes, targets } = before;
  const [earlier, later] = [decisionsOf(before, thresholds), decisionsOf(after.scores, after.thresholds)];
  return Array.from({ length: classes }, (_, of) => {
    const [images, gains]: [number[], number[]] = [[], []];
    for (let image = 0; image < count; image++) {
      const i = image * classes + of;
      if ((targets[i] ?? 0) <= 0.5) continue;
      images.push(image);
      gains.push((later[i] ?? 0) - (earlier[i] ?? 0));
    }
    return meanGain(gains, groupsAmong(groups, images));
  });
}
