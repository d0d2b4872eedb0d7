/** Results of strategies or backbones on each data set, as a table and two sentences. */

import { z } from 'zod';
import { mean, sampleDeviation } from '../../lib/arithmetic.ts';

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

interface Score {
  readonly mean: number;
  readonly deviation: number;
  readonly seeds: number;
}

/** Percentage points by which `auto` may fall below the best strategy and still count as equal. */
const NEAR = 1;

/** Formats one line per data set: the mean over the seeds, with its standard deviation. */
export function strategyTable(
  rows: readonly Row[],
  { sets, strategies }: { sets: readonly string[]; strategies: readonly string[] },
): string {
  const lines = sets
    .filter((set) => rows.some((row) => row.set === set))
    .map((set) => {
      const ofSet = rows.filter((row) => row.set === set);
      const cells = strategies.map((strategy) => cell(ofSet.filter((row) => row.strategy === strategy)));
      const used = ofSet.filter(({ strategy }) => strategy === 'auto').map(describeUsed);
      return [measureOf(ofSet) === 'accuracy' ? set : `${set}, mAP`, ...cells, [...new Set(used)].join(', ')];
    });
  const head = ['set', ...strategies, 'auto chose'];
  const table = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  return `${table}\n\n${sentence(summarize(rows))}`;
}

/** What a job with `auto` trained: the backbone where the strategy was given, otherwise the strategy and its cut. */
function describeUsed({ used, cut, backbone }: Row): string {
  return used === 'stage-features' && backbone !== undefined ? `${used} of ${backbone}` : `${used} (${cut})`;
}

/**
 * Summarizes the data sets with `auto` and at least one other strategy: by how many percentage points `auto` falls
 * below the best other strategy, on the seeds that both have.
 */
export function summarize(rows: readonly Row[]) {
  const sets = [...Map.groupBy(rows, ({ set }) => set)].flatMap(([set, ofSet]) => {
    const byStrategy = Map.groupBy(ofSet, ({ strategy }) => strategy);
    const auto = byStrategy.get('auto') ?? [];
    const gaps = [...byStrategy].flatMap(([strategy, its]) => {
      const same = auto.filter(({ seed }) => its.some((row) => row.seed === seed));
      if (strategy === 'auto' || same.length === 0) return [];
      const other = its.filter(({ seed }) => same.some((row) => row.seed === seed));
      return [{ strategy, gapPoints: (score(other).mean - score(same).mean) * 100 }];
    });
    const [best] = gaps.sort((a, b) => b.gapPoints - a.gapPoints);
    return best === undefined ? [] : [{ set, auto: score(auto), best: best.strategy, gapPoints: best.gapPoints }];
  });
  return { rows, sets };
}

function sentence({ sets }: ReturnType<typeof summarize>): string {
  const worst = sets.reduce((last, set) => (set.gapPoints > last.gapPoints ? set : last), {
    set: '',
    best: '',
    gapPoints: Number.NEGATIVE_INFINITY,
  });
  if (sets.length === 0) return 'Nothing to compare yet.';
  const near = sets.filter(({ gapPoints }) => gapPoints <= NEAR);
  return (
    `auto is within ${NEAR} point of the best strategy on ${near.length} of ${sets.length} sets; at worst it lies ` +
    `${worst.gapPoints.toFixed(1)} points below it (${worst.set}, ${worst.best}).`
  );
}

/** Chooses the metric of a data set: multi-label data sets have no balanced accuracy. */
function measureOf(rows: readonly Row[]): 'accuracy' | 'meanAveragePrecision' {
  return rows.some(({ test }) => test.balancedAccuracy === undefined) ? 'meanAveragePrecision' : 'accuracy';
}

function score(rows: readonly Row[], measure: keyof Row['test'] = measureOf(rows)): Score {
  const values = rows.map(({ test }) => test[measure] ?? Number.NaN);
  return { mean: mean(values), deviation: sampleDeviation(values), seeds: values.length };
}

/**
 * Formats a cell with the main metric and a second one: accuracy / balanced accuracy, or mean average precision / micro
 * F1.
 */
function cell(rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const measure = measureOf(rows);
  const { mean, deviation, seeds } = score(rows, measure);
  const second = score(rows, measure === 'accuracy' ? 'balancedAccuracy' : 'microF1');
  const text = `${mean.toFixed(3)} (${deviation.toFixed(3)}) / ${second.mean.toFixed(3)}`;
  return seeds === 3 ? text : `${text}, ${seeds} seed${seeds === 1 ? '' : 's'}`;
}
