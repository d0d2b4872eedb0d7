import type { ModelReport } from '../../lib/contracts/model-report.ts';
import { GraftError } from '../../lib/errors.ts';
import { counted, pEquals, percent } from '../../lib/format.ts';
import type { Context } from '../context.ts';
import { table } from '../output.ts';
import { imagesOf, openStoreOf } from '../store-of.ts';
import { describeGroups } from './model-diff.ts';

interface ReportedVersion {
  readonly name: string;
  readonly version: number;
}

/** Classes of the summary: those with the lowest F1. */
const MOST_CLASSES = 5;

/** Reads the report of a version. Makes a missing report first if the command has access to the store. */
export function readReport({ name, version }: ReportedVersion, context: Context): Promise<ModelReport> {
  return orMake({ name, version }, context, () => context.client.models.report(name, version));
}

/** Reads the page of a version's report, as `readReport`. */
export function readPage({ name, version }: ReportedVersion, context: Context): Promise<string> {
  return orMake({ name, version }, context, () => context.client.models.reportPage(name, version));
}

async function orMake<Result>(
  { name, version }: ReportedVersion,
  context: Context,
  read: () => Promise<Result>,
): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof GraftError && error.code === 'MODEL_REPORT_MISSING')) throw error;
    const store = await openStoreOf(context).catch(() => undefined);
    if (store === undefined) throw error;
    const { card } = await context.client.models.version(name, version);
    const { makeReport } = await import('../../lib/reports/make-report.ts');
    await makeReport(name, version, await imagesOf(card.spec.dataset, context, store).catch(() => store));
  }
  return read();
}

/** The report in a few lines. */
export function describeReport(report: ModelReport): string {
  const { metrics, classes, sizes, comparison, confusion } = report;
  const interval = ({ value, low, high }: { value: number; low: number; high: number }) =>
    `${percent(value)} (95% interval ${percent(low)} to ${percent(high)})`;
  const isOneClass = report.task === 'one-class';
  const title = { 'single-label': 'accuracy', 'multi-label': 'all labels right', 'one-class': 'images that it knows' }[
    report.task
  ];
  const rows = [
    [title, interval(metrics.accuracy)],
    ...(isOneClass
      ? []
      : [
          ...(metrics.macroF1 === undefined ? [] : [['macro F1', interval(metrics.macroF1)]]),
          ['calibration error', percent(metrics.expectedCalibrationError)],
        ]),
  ];
  const worst = (isOneClass ? [] : classes)
    .flatMap(({ label, f1 }) => (f1 === undefined ? [] : [[`  ${label}`, interval(f1)]]))
    .slice(0, MOST_CLASSES);
  const pair = confusion?.pairs[0];
  return [
    report.summary,
    table(rows),
    ...(worst.length > 0 ? [`Lowest F1:\n${table(worst)}`] : []),
    ...(pair ? [`Most frequent confusion: ${pair.label} predicted as ${pair.predicted}, ${counted(pair.count, 'image')}.`] : []),
    ...(sizes ? [sizes.conclusion] : []),
    ...(comparison
      ? [
          `Against ${report.model}@${comparison.version} (${comparison.alias}): accuracy ` +
            `${(100 * comparison.difference.value).toFixed(1)} points different, ` +
            `${pEquals(comparison.midP)} (McNemar${describeGroups(comparison.groups)}).`,
        ]
      : []),
    `All of it, with plots:\n  graft model ${report.model}@${report.version} --html report.html`,
  ].join('\n');
}
