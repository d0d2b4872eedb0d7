import type { ModelReport } from '../../contracts/model-report.ts';
import { type Drawing, FAINT, type Figure, SERIES } from './draw.ts';

type History = NonNullable<ModelReport['history']>;

/** A metric of the training and the validation images by epoch, with a rule at the epoch that was kept. */
export function plotHistory(
  { Plot, draw }: Drawing,
  history: History,
  { metric, bestEpoch }: { readonly metric: 'loss' | 'accuracy'; readonly bestEpoch: number },
): Figure {
  const validation = metric === 'loss' ? 'validationLoss' : 'validationAccuracy';
  const isShare = metric === 'accuracy';
  return draw({
    height: 230,
    marginLeft: 46,
    marginBottom: 40,
    marginTop: 24,
    x: { label: 'epoch', labelAnchor: 'center', labelArrow: 'none', tickFormat: 'd', ticks: Math.min(8, history.length) },
    y: {
      label: isShare ? 'accuracy (%)' : 'loss',
      percent: isShare,
      grid: true,
      labelArrow: 'none',
      nice: true,
      ...(!isShare && { zero: true }),
    },
    marks: [
      Plot.ruleX([bestEpoch], { stroke: FAINT, strokeWidth: 2 }),
      Plot.lineY(history, { x: 'epoch', y: metric, stroke: SERIES[0] ?? '', strokeWidth: 2 }),
      Plot.lineY(history, { x: 'epoch', y: validation, stroke: SERIES[1] ?? '', strokeWidth: 2 }),
      Plot.dot(
        history.filter(({ epoch }) => epoch === bestEpoch),
        { x: 'epoch', y: validation, fill: SERIES[1] ?? '', r: 4 },
      ),
    ],
  });
}
