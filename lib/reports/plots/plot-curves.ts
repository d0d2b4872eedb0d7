import { type Drawing, type Figure, SERIES } from './draw.ts';

export interface Series {
  readonly points: readonly (readonly [number, number])[];
  /** Radius of the dot of each point, in pixels. */
  readonly radii?: readonly number[];
  /** A number of a colour, from 0. */
  readonly series: number;
  readonly isDashed?: boolean;
}

export interface CurveOptions {
  readonly x: string;
  readonly y: string;
  /** Draws the line from (0, 0) to (1, 1). */
  readonly diagonal?: boolean;
  readonly xDomain?: readonly [number, number];
  readonly yDomain?: readonly [number, number];
  readonly size?: { readonly width: number; readonly height: number };
  /** Draws a vertical line here. */
  readonly rule?: number;
}

/** Curves of shares, in percent. */
export function plotCurves({ Plot, draw }: Drawing, curves: readonly Series[], options: CurveOptions): Figure {
  const { x, y, diagonal = false, xDomain = [0, 1], yDomain = [0, 1], size, rule } = options;
  return draw({
    ...(size ?? { height: 340 }),
    marginLeft: 44,
    marginBottom: 40,
    marginTop: 24,
    marginRight: 14,
    x: { domain: inPercent(xDomain), percent: true, label: x, labelAnchor: 'center', labelArrow: 'none', grid: true, ticks: 5 },
    y: { domain: inPercent(yDomain), percent: true, label: y, labelArrow: 'none', grid: true, ticks: 5 },
    r: { type: 'identity' },
    marks: [
      ...(diagonal
        ? [Plot.link([0], { x1: 0, y1: 0, x2: 1, y2: 1, stroke: 'currentColor', strokeOpacity: 0.35, strokeDasharray: '4 4' })]
        : []),
      ...(rule === undefined ? [] : [Plot.ruleX([rule], { stroke: 'currentColor', strokeOpacity: 0.5, strokeDasharray: '3 3' })]),
      ...curves.map(({ points, series, isDashed = false }) =>
        Plot.line(points, {
          stroke: SERIES[series % SERIES.length] ?? '',
          strokeWidth: 2,
          ...(isDashed && { strokeDasharray: '6 4' }),
        }),
      ),
      ...curves.flatMap(({ points, series, radii }) =>
        radii === undefined
          ? []
          : [Plot.dot(points, { fill: SERIES[series % SERIES.length] ?? '', r: (_, i: number) => radii[i] })],
      ),
    ],
  });
}

/** An axis in percent has its domain in percent, too. */
function inPercent([low, high]: readonly [number, number]): [number, number] {
  return [100 * low, 100 * high];
}
