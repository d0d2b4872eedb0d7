import type { ChangedPrediction, ComparedMetric, ModelDiff, OverallMetric } from '../../lib/contracts/model-diff.ts';
import { count, counted, pEquals, percent } from '../../lib/format.ts';
import type { Context } from '../context.ts';
import { EXIT, type Output, table } from '../output.ts';

/** Classes and images of the text: those that lost most. */
const MOST_CLASSES = 10;
const MOST_CHANGES = 20;
const MOST_SETTINGS = 40;

/** Metrics that are no shares. */
const LOSSES: readonly OverallMetric[] = ['negativeLogLikelihood'];

const TITLES: Readonly<Record<OverallMetric, string>> = {
  accuracy: 'accuracy',
  balancedAccuracy: 'balanced accuracy',
  macroF1: 'macro F1',
  microF1: 'micro F1',
  meanAveragePrecision: 'mean average precision',
  negativeLogLikelihood: 'negative log-likelihood',
  expectedCalibrationError: 'calibration error',
};

/** graft model-diff A B: the differences of two versions on the images that both were evaluated on. */
export async function modelDiff(before: string, after: string, { client }: Context, output: Output): Promise<number> {
  const diff = await client.models.diff(before, after);
  output.result(diff, describeDiff(diff));
  return EXIT.done;
}

/** The comparison in tables of bounded length. */
export function describeDiff(diff: ModelDiff): string {
  const { before, after, task, images, groups, relabelled, mcnemar, changes, changeCount } = diff;
  const [first, second] = [`${before.model}@${before.version}`, `${after.model}@${after.version}`];
  const ofAll = (one: ModelDiff['before']) =>
    `${count(one.images)} ${one.part === 'test' ? 'test images' : 'images without a test set'}`;
  const metrics = OVERALL.flatMap((metric) => {
    const row = diff.metrics[metric];
    const title = metric === 'accuracy' && task === 'multi-label' ? 'all labels right' : TITLES[metric];
    return row === undefined ? [] : [[title, ...cellsOf(row, LOSSES.includes(metric))]];
  });
  return [
    `${first} (before: ${ofAll(before)}) and ${second} (after: ${ofAll(after)}), on the ${counted(images, 'image')} that both ` +
      `were evaluated on`,
    ...(relabelled > 0 ? [`${counted(relabelled, 'image')} with other labels in the later data set, which count.`] : []),
    table([['METRIC', 'BEFORE', 'AFTER', 'DIFFERENCE, 95% INTERVAL'], ...metrics]),
    `${count(mcnemar.onlyAfter)} became right, ${count(mcnemar.onlyBefore)} became wrong, ${count(mcnemar.bothRight)} right in both, ` +
      `${count(mcnemar.bothWrong)} wrong in both; ${pEquals(mcnemar.midP)} (McNemar${describeGroups(groups)})`,
    ...classLines(diff),
    ...(changeCount === 0 ? ['No prediction changed.'] : [`Changed predictions (${count(changeCount)}):`, changeTable(changes)]),
    ...settingLines(diff),
    ...(changeCount > MOST_CHANGES ? [`All of it:\n  graft model-diff ${first} ${second} --json`] : []),
  ].join('\n');
}

/** @param groups number of groups, those of a single image too; undefined if no images are related */
export function describeGroups(groups: number | undefined): string {
  return groups === undefined ? '' : `, ${counted(groups, 'group')}: related images count as one`;
}

const OVERALL: readonly OverallMetric[] = [
  'accuracy',
  'balancedAccuracy',
  'meanAveragePrecision',
  'macroF1',
  'microF1',
  'negativeLogLikelihood',
  'expectedCalibrationError',
];

/** The classes whose F1 changed, those that lost most first. */
function classLines({ classes }: ModelDiff): string[] {
  const changed = classes.filter(({ f1, recall }) => isChanged(f1) || isChanged(recall));
  const rows = changed.flatMap(({ label, support, f1, recall }) =>
    f1 === undefined ? [] : [[label, count(support), ...cellsOf(f1), recall === undefined ? '' : points(recall.difference)]],
  );
  if (rows.length === 0) return [];
  const header = ['CLASS', 'IMAGES', 'F1 BEFORE', 'AFTER', 'DIFFERENCE, 95% INTERVAL', 'OF RECALL'];
  const more = rows.length > MOST_CLASSES ? [`and ${counted(rows.length - MOST_CLASSES, 'more class', 'more classes')}`] : [];
  return [table([header, ...rows.slice(0, MOST_CLASSES)]), ...more];
}

function isChanged(compared: ComparedMetric | undefined): boolean {
  return compared !== undefined && compared.difference.value !== 0;
}

function changeTable(changes: readonly ChangedPrediction[]): string {
  const labels = (predicted: ChangedPrediction['before']) =>
    predicted.labels.length === 0
      ? 'none'
      : predicted.labels.map(({ label, probability }) => `${label} ${percent(probability)}`).join(', ');
  const rows = changes
    .slice(0, MOST_CHANGES)
    .map((change) => [
      change.before.isRight ? '  became wrong' : change.after.isRight ? '  became right' : '  still wrong',
      change.path,
      `is ${change.labels.join(', ') || 'without labels'}:`,
      `${labels(change.before)} -> ${labels(change.after)}`,
    ]);
  return table(rows);
}

function settingLines({ settings, labels }: ModelDiff): string[] {
  const shown = (value: unknown) =>
    value === undefined ? 'absent' : short(typeof value === 'string' ? value : JSON.stringify(value));
  const rows = settings
    .slice(0, MOST_SETTINGS)
    .map(({ path, before, after }) => [`  ${path}`, `${shown(before)} -> ${shown(after)}`]);
  return [
    ...(labels.onlyBefore.length > 0 ? [`Labels that only the version before has: ${short(labels.onlyBefore.join(', '))}`] : []),
    ...(labels.onlyAfter.length > 0 ? [`Labels that only the version after has: ${short(labels.onlyAfter.join(', '))}`] : []),
    ...(rows.length === 0 ? ['Both were trained in the same way.'] : ['Differences of the training:', table(rows)]),
  ];
}

/** Before, after and difference: shares in percent and points, or losses as numbers. */
function cellsOf({ before, after, difference }: ComparedMetric, isLoss = false): string[] {
  if (!isLoss) return [percent(before.value), percent(after.value), points(difference)];
  const signed = `${difference.value < 0 ? '' : '+'}${difference.value.toFixed(3)}`;
  return [before.value.toFixed(3), after.value.toFixed(3), signed];
}

function points({ value, low, high }: ComparedMetric['difference']): string {
  const signed = (share: number) => `${share < 0 ? '' : '+'}${(100 * share).toFixed(1)}`;
  const interval = low === undefined || high === undefined ? '' : ` (${signed(low)} to ${signed(high)})`;
  return `${signed(value)} points${interval}`;
}

function short(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 99)}…`;
}
