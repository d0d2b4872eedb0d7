import type { ModelReport } from '../../contracts/model-report.ts';
import { type Drawing, type Figure, SERIES } from './draw.ts';

/** The score of heads by number of training images, which doubles from point to point. */
export function plotSizes({ Plot, draw }: Drawing, { metric, points }: NonNullable<ModelReport['sizes']>): Figure {
  const color = SERIES[0] ?? '';
  return draw({
    height: 240,
    marginLeft: 44,
    marginBottom: 40,
    marginTop: 24,
    marginRight: 20,
    x: {
      // Evenly spaced, as on a logarithmic axis, but with a label for each point.
      type: 'point',
      padding: 0.05,
      label: 'training images',
      labelAnchor: 'center',
      labelArrow: 'none',
      tickFormat: 'd',
    },
    y: { percent: true, label: `${metric} (%)`, labelArrow: 'none', grid: true, nice: true },
    marks: [
      Plot.ruleX(points, { x: 'images', y1: 'low', y2: 'high', stroke: color, strokeWidth: 2.5, strokeOpacity: 0.45 }),
      Plot.lineY(points, { x: 'images', y: 'score', stroke: color, strokeWidth: 2 }),
      Plot.dot(points, { x: 'images', y: 'score', fill: color, r: 4.5 }),
    ],
  });
}
