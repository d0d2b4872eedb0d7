import type { ModelReport } from '../../contracts/model-report.ts';
import { type Drawing, type Figure, SERIES } from './draw.ts';

/** The time of each stage, as parts of one bar. */
export function plotSeconds({ Plot, draw }: Drawing, { features, train, evaluate, other }: ModelReport['seconds']): Figure {
  const bars = [features, train, evaluate, other].map((seconds, index) => ({ seconds, color: SERIES[index] }));
  return draw({
    height: 84,
    marginLeft: 14,
    marginRight: 14,
    marginTop: 8,
    marginBottom: 40,
    x: { label: 'seconds', labelAnchor: 'center', labelArrow: 'none', ticks: 5 },
    marks: [Plot.barX(bars, { x: 'seconds', fill: 'color' })],
    color: { type: 'identity' },
  });
}
