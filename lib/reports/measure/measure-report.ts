import type { ModelReport } from '../../contracts/model-report.ts';
import { evidenceKeys } from '../../contracts/strategy-evidence.ts';
import { FROZEN_STRATEGIES } from '../../freezing/frozen-strategies.ts';
import { randomStream } from '../../random.ts';
import { type ConfusionCounts, confusionCounts, f1, support } from '../../training/metrics/confusion-counts.ts';
import { probabilitiesOf } from '../../training/metrics/labelled-logits.ts';
import { bootstrapClasses } from '../statistics/bootstrap-classes.ts';
import { predictedClasses } from '../statistics/confusion-pairs.ts';
import { decidedCells } from '../statistics/decided-cells.ts';
import { effectiveCounts } from '../statistics/effective-counts.ts';
import { countImageGroups } from '../statistics/image-groups.ts';
import { compareVersions } from './compare-versions.ts';
import { measureCalibration } from './measure-calibration.ts';
import { measureClasses } from './measure-classes.ts';
import { measureConfusion } from './measure-confusion.ts';
import { measureCoverage } from './measure-coverage.ts';
import { measureCurves } from './measure-curves.ts';
import { measureData, measureSuspects } from './measure-data.ts';
import { measureHeadline } from './measure-headline.ts';
import { measureHistory } from './measure-history.ts';
import { measureSizes } from './measure-sizes.ts';
import { measureStrategy, measureTrials } from './measure-strategy.ts';
import { measureThresholds } from './measure-thresholds.ts';
import { omittedParts } from './omitted-parts.ts';
import { describeImages, pickRows } from './pick-images.ts';
import { labelTexts } from './predicted-texts.ts';
import type { ReportInput } from './report-input.ts';
import { rounded } from './rounded.ts';
import { shortenLabel } from './shorten-label.ts';
import { summarizeJob } from './summarize-job.ts';

/**
 * Computes the report of a version from its scores, its card and its data set. The same input gives the same report.
 */
export function measureReport(input: ReportInput): ModelReport {
  const { version, card, history, seconds, waits, scored, images, other } = input;
  const { scores, rows, facts, groups } = scored;
  const { count } = scores;
  const { task, strategy } = card;
  const thresholds = task === 'multi-label' ? (card.thresholds ?? []) : undefined;
  const labels = card.labels.map(shortenLabel);
  const probabilities = probabilitiesOf(scores);
  const counts = confusionCounts(scores, thresholds);
  const texts = labelTexts(scores, card.labels, thresholds);
  const right = texts.predicted.map((text, row) => Number(text === texts.truth[row]));
  const cells = decidedCells(scores, thresholds);
  const bootstrap = bootstrapClasses(cells, randomStream(card.spec.training.seed, 'report', 'bootstrap'), groups);
  const uncertainty = { ...bootstrap, effective: effectiveCounts(cells, groups) };
  const worst = byF1(counts);
  const picked = pickRows(scores, probabilities, thresholds);
  const nameOf = (row: number) => images.get(rows[row] ?? -1);
  const describe = (some: readonly number[]) => describeImages(some, { scores, probabilities, labels, thresholds, nameOf });
  // That of all images of the part: the scores may be a sample. Files of earlier versions lack it.
  const { meanAveragePrecision = (card.metrics.test ?? card.metrics.validation).meanAveragePrecision } = facts;
  const metrics = measureHeadline(scores, counts, { right, groups, bootstrap, meanAveragePrecision, probabilities });
  const evaluated = { part: facts.part, images: count, of: facts.of, ...(groups && { groups: countImageGroups(groups) }) };
  const predicted = task === 'single-label' ? predictedClasses(scores) : undefined;
  const trials = measureTrials(card);
  const epochs = measureHistory(history, card.bestEpoch);
  // A frozen network has the share of a fine-tuning that was tried in its evidence, too.
  const interpolation = FROZEN_STRATEGIES.has(strategy.name) ? undefined : strategy.evidence[evidenceKeys.interpolationShare];
  const calibration = measureCalibration(scores, probabilities, card);
  const tuned = thresholds && measureThresholds(scores, probabilities, { labels, thresholds, worst });
  const errors = describe(picked.errors);
  const leastSure = describe(picked.leastSure);
  const suspects = measureSuspects(input);
  const sizes = measureSizes(facts.sizes);
  const comparison = other && compareVersions({ ...texts, groups }, nameOf, other);
  const report: Omit<ModelReport, 'omitted'> = {
    model: card.model,
    version,
    job: card.job,
    createdAt: card.createdAt,
    task,
    summary: summarizeJob(input, { evaluated, metrics }),
    backbone: card.backbone.name,
    dataset: card.spec.dataset.split('@')[0] ?? card.spec.dataset,
    datasetDigest: card.datasetDigest,
    evaluated,
    metrics,
    replicates: bootstrap.replicates,
    strategy: measureStrategy(card),
    ...(trials && { trials }),
    ...(epochs && { history: epochs }),
    bestEpoch: card.bestEpoch,
    ...(interpolation && { interpolation }),
    classes: measureClasses(counts, uncertainty, labels, card.metrics.test?.perClass ?? []),
    classCount: labels.length,
    ...(predicted && { confusion: measureConfusion(predicted, labels) }),
    ...(task !== 'one-class' && measureCurves(scores, probabilities, labels, worst)),
    ...(calibration && { calibration }),
    ...(card.novelty && { novelty: card.novelty }),
    ...(predicted && { coverage: measureCoverage(predicted, probabilities) }),
    ...(tuned && tuned.length > 0 && { thresholds: tuned }),
    ...(errors && { errors }),
    ...(leastSure && { leastSure }),
    ...(suspects && { suspects }),
    errorCount: picked.errorCount,
    data: measureData(input),
    ...(sizes && { sizes }),
    ...(comparison && { comparison }),
    ...(facts.dollarsPerHour !== undefined && { dollarsPerHour: facts.dollarsPerHour }),
    seconds: {
      features: rounded(seconds.features),
      train: rounded(seconds.train),
      evaluate: rounded(seconds.evaluate),
      other: rounded(Math.max(0, seconds.total - seconds.features - seconds.train - seconds.evaluate)),
      total: rounded(seconds.total),
      ...(waits && { waits: { decode: rounded(waits.decode), trunk: rounded(waits.trunk), write: rounded(waits.write) } }),
    },
  };
  return { ...report, omitted: omittedParts(report, input) };
}

/** Classes that have images, the lowest F1 first. */
function byF1(counts: readonly ConfusionCounts[]): number[] {
  const scored = counts.map((count, of) => ({ of, f1: f1(count), support: support(count) }));
  return scored
    .filter((one) => one.support > 0)
    .sort((a, b) => a.f1 - b.f1 || a.of - b.of)
    .map(({ of }) => of);
}
