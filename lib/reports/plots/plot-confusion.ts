import { sum } from '../../arithmetic.ts';
import type { ModelReport } from '../../contracts/model-report.ts';
import { short } from '../numbers.ts';
import { type Drawing, FAINT, type Figure, SERIES } from './draw.ts';

/** Up to this many classes, cells have room for numbers. */
const MOST_NUMBERED = 14;

/** A confusion matrix. The depth of a cell's colour is its share of the images of the class. */
export function plotConfusion(
  { Plot, draw }: Drawing,
  { labels, counts, images }: NonNullable<ModelReport['confusion']>,
): Figure {
  const indexes = labels.map((_, of) => of);
  const cells = counts.flatMap((row, truth) => {
    const all = Math.max(1, images?.[truth] ?? sum(row));
    return row.map((count, predicted) => ({ truth, predicted, count, share: count / all, isRight: truth === predicted }));
  });
  const name = (of: number) => short(labels[of] ?? '', 16);
  const longest = Math.max(...labels.map((label) => short(label, 16).length));
  // Room for a name, and for the title of the axis beside it.
  const margin = 38 + 7 * longest;
  const cell = Math.max(18, Math.min(46, 330 / labels.length));
  const isNumbered = labels.length <= MOST_NUMBERED;
  const turn = longest * 7 > cell ? -90 : 0;
  const top = turn === 0 ? 44 : margin + 10;
  const band = { domain: indexes, tickFormat: name, tickSize: 0 };
  return draw({
    width: margin + cell * labels.length + 10,
    height: top + cell * labels.length + 10,
    marginLeft: margin,
    marginTop: top,
    marginRight: 10,
    marginBottom: 10,
    x: {
      ...band,
      axis: 'top',
      label: 'predicted',
      labelAnchor: 'center',
      labelArrow: 'none',
      labelOffset: top - 4,
      tickRotate: turn,
    },
    y: { ...band, label: 'true class', labelAnchor: 'center', labelArrow: 'none', labelOffset: margin - 6 },
    marks: [
      Plot.cell(cells, { x: 'predicted', y: 'truth', fill: FAINT, fillOpacity: 0.35, inset: 1 }),
      Plot.cell(
        cells.filter(({ count }) => count > 0),
        {
          x: 'predicted',
          y: 'truth',
          fill: ({ isRight }) => SERIES[isRight ? 0 : 1],
          fillOpacity: (one) => 0.12 + 0.78 * one.share,
          inset: 1,
        },
      ),
      ...(isNumbered
        ? [
            Plot.text(
              cells.filter(({ count }) => count > 0),
              {
                x: 'predicted',
                y: 'truth',
                text: 'count',
                fill: ({ share }) => (share > 0.55 ? 'var(--on-fill)' : 'currentColor'),
                fontWeight: 600,
              },
            ),
          ]
        : []),
    ],
    color: { type: 'identity' },
    opacity: { type: 'identity' },
  });
}
