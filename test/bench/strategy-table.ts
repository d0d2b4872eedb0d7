/** Results of strategies or backbones on each data set, as a table and a sentence for each set. */

import { z } from 'zod';
import { mean, median, sampleDeviation } from '../../lib/arithmetic.ts';

/** Results of one job. */
export const StrategyRow = z.object({
  set: z.string(),
  seed: z.int(),
  /** The value of the compared option: a strategy, or a backbone. */
  strategy: z.string(),
  /** Absent in rows of earlier versions. */
  backbone: z.string().optional(),
  /** The strategy that `auto` chose. */
  used: z.string(),
  cut: z.string(),
  seconds: z.number(),
  test: z.object({
    accuracy: z.number().optional(),
    balancedAccuracy: z.number().optional(),
    microF1: z.number().optional(),
    meanAveragePrecision: z.number().optional(),
  }),
});
export type Row = z.infer<typeof StrategyRow>;

/** The columns of a table, and what `auto` is compared with. */
interface Layout {
  readonly sets: readonly string[];
  readonly values: readonly string[];
  readonly named: readonly string[];
  /** What the values are, in one word. */
  readonly noun: string;
}

/** How near `auto` comes to the named value that is best beside it, on one data set. */
export interface SetSummary {
  readonly set: string;
  /** The named value with the highest mean above `auto`'s, each on the splits that both have. */
  readonly best: string;
  /** Number of splits that both have. */
  readonly splits: number;
  /** Percentage points by which `auto` lies below it, as the mean of the differences on single splits. */
  readonly gapPoints: number;
  /** Standard error of that mean. Absent for a single split. */
  readonly errorPoints?: number;
  /** Whether the gap exceeds both a point and its standard error. */
  readonly isBelow: boolean;
  /** Median seconds of `auto`'s jobs, as a multiple of the other's. */
  readonly times: number;
}

/** Percentage points by which `auto` may fall below the best value in any case. */
const NEAR = 1;

/**
 * Formats one line per data set, with a cell for each value: the mean over the splits, its standard error, a second
 * metric, the median seconds of a job and the number of splits. A sentence per data set follows.
 */
export function strategyTable(rows: readonly Row[], { sets, values, named, noun }: Layout): string {
  const lines = sets
    .filter((set) => rows.some((row) => row.set === set))
    .map((set) => {
      const ofSet = rows.filter((row) => row.set === set);
      const cells = values.map((value) => cell(ofSet.filter(({ strategy }) => strategy === value)));
      const used = ofSet.filter(({ strategy }) => strategy === 'auto').map(describeUsed);
      return [measureOf(ofSet) === 'accuracy' ? set : `${set}, mAP`, ...cells, [...new Set(used)].join(', ')];
    });
  const head = ['set', ...values, 'auto chose'];
  const table = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const summaries = summarize(rows, named);
  const below = summaries.filter(({ isBelow }) => isBelow).length;
  const total = `auto is below the best named ${noun} on ${below} of ${summaries.length} sets.`;
  return [table, '', ...summaries.map((summary) => `- ${sentence(summary, noun)}`), '', total].join('\n');
}

/** What a job with `auto` trained: the backbone where the strategy was given, otherwise the strategy and its cut. */
function describeUsed({ used, cut, backbone }: Row): string {
  return used === 'stage-features' && backbone !== undefined ? `${used} of ${backbone}` : `${used} (${cut})`;
}

/**
 * Compares `auto` with the best of the named values on each data set that has both. Splits are compared in pairs, so
 * that one which is hard for both does not count.
 */
export function summarize(rows: readonly Row[], named: readonly string[]): SetSummary[] {
  return [...Map.groupBy(rows, ({ set }) => set)].flatMap(([set, ofSet]) => {
    const byValue = Map.groupBy(ofSet, ({ strategy }) => strategy);
    const auto = byValue.get('auto') ?? [];
    const measure = measureOf(ofSet);
    const compared = named.flatMap((value) => compare(auto, byValue.get(value) ?? [], measure) ?? []);
    const [best] = compared.sort((a, b) => b.gapPoints - a.gapPoints);
    return best === undefined ? [] : [{ set, ...best }];
  });
}

/** @returns undefined if they have no split in common */
function compare(auto: readonly Row[], its: readonly Row[], measure: Measure): Omit<SetSummary, 'set'> | undefined {
  const gaps = its.flatMap((row) => {
    const same = auto.find(({ seed }) => seed === row.seed);
    return same === undefined ? [] : 100 * (metricOf(row, measure) - metricOf(same, measure));
  });
  const [row] = its;
  if (row === undefined || gaps.length === 0) return undefined;
  const gapPoints = mean(gaps);
  const errorPoints = standardError(gaps);
  return {
    best: row.strategy,
    splits: gaps.length,
    gapPoints,
    ...(errorPoints !== undefined && { errorPoints }),
    isBelow: gapPoints > Math.max(NEAR, errorPoints ?? 0),
    times: seconds(auto) / seconds(its),
  };
}

function sentence({ set, best, splits, gapPoints, errorPoints, isBelow, times }: SetSummary, noun: string): string {
  const error = errorPoints === undefined ? '' : ` (standard error ${errorPoints.toFixed(1)})`;
  return (
    `${set}: auto is ${isBelow ? 'below' : 'not below'} ${best}, the best named ${noun}: ${Math.abs(gapPoints).toFixed(1)} ` +
    `points ${gapPoints > 0 ? 'lower' : 'higher'}${error} on ${countOf(splits)}, in ${times.toFixed(1)} times its time.`
  );
}

type Measure = keyof Row['test'];

/** Chooses the metric of a data set: multi-label data sets have no balanced accuracy. */
function measureOf(rows: readonly Row[]): Measure {
  return rows.some(({ test }) => test.balancedAccuracy === undefined) ? 'meanAveragePrecision' : 'accuracy';
}

function metricOf({ test }: Row, measure: Measure): number {
  return test[measure] ?? Number.NaN;
}

/** Standard error of the mean; undefined for fewer than two values. */
function standardError(values: readonly number[]): number | undefined {
  return values.length < 2 ? undefined : sampleDeviation(values) / Math.sqrt(values.length);
}

function seconds(rows: readonly Row[]): number {
  return median(rows.map((row) => row.seconds));
}

function countOf(splits: number): string {
  return `${splits} split${splits === 1 ? '' : 's'}`;
}

/**
 * Formats a cell with the main metric and a second one: accuracy / balanced accuracy, or mean average precision / micro
 * F1.
 */
function cell(rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const measure = measureOf(rows);
  const values = rows.map((row) => metricOf(row, measure));
  const error = standardError(values);
  const second = mean(rows.map((row) => metricOf(row, measure === 'accuracy' ? 'balancedAccuracy' : 'microF1')));
  const main = `${mean(values).toFixed(3)}${error === undefined ? '' : ` (${error.toFixed(3)})`}`;
  return `${main} / ${second.toFixed(3)}, ${seconds(rows).toFixed(0)} s, ${countOf(rows.length)}`;
}
