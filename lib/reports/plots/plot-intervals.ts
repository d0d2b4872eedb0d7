import type { Estimate } from '../../contracts/report-parts.ts';
import { short } from '../numbers.ts';
import { type Drawing, FAINT, type Figure, SERIES } from './draw.ts';

export interface IntervalRow {
  readonly name: string;
  readonly estimate: Estimate;
  /** Drawn in the accent colour. */
  readonly isMarked?: boolean;
}

/**
 * Estimates with their intervals, one row each.
 * @param label of the axis @param domain of the axis; default: what the intervals need
 */
export function plotIntervals(
  { Plot, draw }: Drawing,
  rows: readonly IntervalRow[],
  {
    label,
    domain,
    percent = true,
  }: { readonly label: string; readonly domain?: readonly [number, number]; readonly percent?: boolean },
): Figure {
  const data = rows.map(({ name, estimate, isMarked = false }, index) => ({
    index,
    name,
    ...estimate,
    color: SERIES[isMarked ? 1 : 0],
  }));
  const longest = Math.max(...rows.map(({ name }) => short(name).length));
  return draw({
    height: 46 + 20 * rows.length,
    marginLeft: 18 + 7 * longest,
    marginRight: 14,
    marginTop: 6,
    marginBottom: 40,
    x: {
      label,
      ...(domain && { domain }),
      ...(percent && { percent: true }),
      grid: true,
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: 5,
    },
    y: {
      // Numbers would make a linear scale, which rises from the bottom and ends at the outer rows.
      type: 'point',
      domain: data.map(({ index }) => index),
      tickFormat: (index: number) => short(data[index]?.name ?? ''),
      tickSize: 0,
      label: null,
    },
    marks: [
      ...(percent ? [] : [Plot.ruleX([0], { stroke: FAINT, strokeWidth: 1.5 })]),
      Plot.ruleY(data, { y: 'index', x1: 'low', x2: 'high', stroke: 'color', strokeWidth: 2.5, strokeOpacity: 0.45 }),
      Plot.dot(data, { y: 'index', x: 'value', fill: 'color', r: 4.5 }),
    ],
  });
}
