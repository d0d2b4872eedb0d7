import type { ReportCurve } from '../../contracts/report-parts.ts';
import { count, percent } from '../../format.ts';
import { type Html, html } from '../html.ts';
import { type CurveOptions, plotCurves } from '../plots/plot-curves.ts';
import { figure, section } from './figure.ts';
import type { SectionContext } from './section-context.ts';

/** Rows of the tables with the numbers of a curve. */
const MOST_ROWS = 12;
const POOLED = 'all classes together';

/** ROC and precision-recall curves. */
export function curvesSection(context: SectionContext): Html | undefined {
  const { roc, precisionRecall, classes, classCount, task } = context.report;
  if (roc === undefined && precisionRecall === undefined) return undefined;
  // A class without images has no curve, and a class that all images have has no ROC curve.
  const isCut = classes.filter(({ support }) => support > 0).length > Math.max(namedOf(roc), namedOf(precisionRecall));
  const cutOf = (curves: readonly ReportCurve[]) =>
    isCut && classCount > 2 ? ` Of ${count(classCount)} classes, these are ${namedOf(curves)} with the lowest F1.` : '';
  const rest = task === 'multi-label' ? 'The images with a label against those without it.' : 'Each class against the rest.';
  return section(
    'curves',
    'Ranking',
    html`<div class="pair">
${
  roc &&
  curveFigure(context, roc, {
    id: 'roc',
    title: 'ROC curves',
    area: 'AUC',
    description: `${rest} The area under a curve is the probability that an image of the class is ranked before another one; 0.5, the dashed line, is chance.${cutOf(roc)}`,
    axes: { x: 'false positive rate (%)', y: 'true positive rate (%)', diagonal: true },
  })
}
${
  precisionRecall &&
  curveFigure(context, precisionRecall, {
    id: 'precision-recall',
    title: 'Precision-recall curves',
    area: 'average precision',
    description: `${rest} Chance is the share of the images that have the class.${cutOf(precisionRecall)}`,
    axes: { x: 'recall (%)', y: 'precision (%)' },
  })
}
</div>`,
  );
}

function namedOf(curves: readonly ReportCurve[] = []): number {
  return curves.filter(({ label }) => label !== undefined).length;
}

function curveFigure(
  { drawing }: SectionContext,
  curves: readonly ReportCurve[],
  about: {
    readonly id: string;
    readonly title: string;
    readonly area: string;
    readonly description: string;
    readonly axes: CurveOptions;
  },
): Html {
  const drawn = plotCurves(
    drawing,
    curves.map(({ points, label }, series) => ({ points, series, isDashed: label === undefined })),
    about.axes,
  );
  return figure(drawn, {
    id: about.id,
    title: about.title,
    description: about.description,
    legend: curves.map(({ label = POOLED, area }) => `${label}: ${area.toFixed(3)}`),
    numbers: {
      head: ['curve', about.area, about.axes.x, about.axes.y],
      rows: curves.flatMap(({ label = POOLED, area, points }) =>
        some(points).map(([x, y]) => [label, area.toFixed(3), percent(x), percent(y)]),
      ),
    },
  });
}

/** Points at even distances, the first and the last among them. */
function some<Item>(items: readonly Item[]): Item[] {
  if (items.length <= MOST_ROWS) return [...items];
  return Array.from({ length: MOST_ROWS }, (_, i) => items[Math.round((i * (items.length - 1)) / (MOST_ROWS - 1))]).filter(
    (item) => item !== undefined,
  );
}
