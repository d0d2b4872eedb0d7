import type { ModelReport } from '../../contracts/model-report.ts';
import { short } from '../numbers.ts';
import { type Drawing, type Figure, SERIES } from './draw.ts';

const SPLITS = ['train', 'validation', 'test'] as const;

/** Numbers of images of each class, by split. */
export function plotData({ Plot, draw }: Drawing, classes: NonNullable<ModelReport['data']>['classes']): Figure {
  const bars = classes.flatMap((one, row) => SPLITS.map((split, index) => ({ row, images: one[split], color: SERIES[index] })));
  const longest = Math.max(...classes.map(({ label }) => short(label).length));
  return draw({
    height: 46 + 20 * classes.length,
    marginLeft: 14 + 6.6 * longest,
    marginRight: 14,
    marginTop: 6,
    marginBottom: 40,
    x: { label: 'images', labelAnchor: 'center', labelArrow: 'none', grid: true, ticks: 5 },
    y: {
      domain: classes.map((_, row) => row),
      tickFormat: (row: number) => short(classes[row]?.label ?? ''),
      tickSize: 0,
      label: null,
    },
    marks: [Plot.barX(bars, { y: 'row', x: 'images', fill: 'color', insetTop: 1, insetBottom: 1 })],
    color: { type: 'identity' },
  });
}
