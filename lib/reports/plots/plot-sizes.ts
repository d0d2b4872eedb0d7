import type { ModelReport } from '../../contracts/model-report.ts';
import { type Drawing, type Figure, SERIES } from './draw.ts';

/** The score of heads by number of training images, on a logarithmic axis. */
export function plotSizes({ Plot, draw }: Drawing, { metric, points }: NonNullable<ModelReport['sizes']>): Figure {
  const color = SERIES[0] ?? '';
  return draw({
    height: 240,
    marginLeft: 44,
    marginBottom: 40,
    marginTop: 24,
    marginRight: 20,
    x: {
      type: 'log',
      label: 'training images',
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: points.map(({ images }) => images),
      // A format by name leaves out some labels of a logarithmic axis.
      tickFormat: (images: number) => String(images),
    },
    y: { percent: true, label: `${metric} (%)`, labelArrow: 'none', grid: true, nice: true },
    marks: [
      Plot.ruleX(points, { x: 'images', y1: 'low', y2: 'high', stroke: color, strokeWidth: 2.5, strokeOpacity: 0.45 }),
      Plot.lineY(points, { x: 'images', y: 'score', stroke: color, strokeWidth: 2 }),
      Plot.dot(points, { x: 'images', y: 'score', fill: color, r: 4.5 }),
    ],
  });
}
