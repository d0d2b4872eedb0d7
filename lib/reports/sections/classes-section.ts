import type { ModelReport } from '../../contracts/model-report.ts';
import type { Estimate } from '../../contracts/report-parts.ts';
import { count, counted, percent } from '../../format.ts';
import { type Html, html } from '../html.ts';
import { bounds, withInterval } from '../numbers.ts';
import type { Drawing } from '../plots/draw.ts';
import { plotConfusion } from '../plots/plot-confusion.ts';
import { plotIntervals } from '../plots/plot-intervals.ts';
import { figure, section, table } from './figure.ts';
import type { SectionContext } from './section-context.ts';

/** Classes of the figure, and rows of the table. */
const MOST_DRAWN = 24;
const MOST_ROWS = 100;

/** Precision, recall and F1 of each class. */
export function classesSection({ report, drawing }: SectionContext): Html {
  const { classes, classCount, replicates, evaluated } = report;
  const drawnFrom = evaluated.groups === undefined ? 'images' : `${counted(evaluated.groups, 'group')} (related images are one)`;
  const scored = classes.flatMap(({ label, f1, support }) => (f1 === undefined ? [] : [{ label, f1, support }]));
  const drawn = scored.slice(0, MOST_DRAWN);
  const absent = classes.filter(({ support }) => support === 0).length;
  const shown = classes.slice(0, MOST_ROWS);
  const cut =
    shown.length < classCount ? ` The table has the ${shown.length} classes with the lowest F1 of all ${count(classCount)}.` : '';
  return section(
    'classes',
    'Classes',
    html`<div class="pair uneven">
${
  drawn.length === 0
    ? undefined
    : figure(
        plotIntervals(
          drawing,
          drawn.map(({ label, f1 }) => ({ name: label, estimate: f1 })),
          { label: 'F1 (%)' },
        ),
        {
          id: 'f1',
          title: 'F1 by class',
          description: `F1 is the harmonic mean of precision and recall. Lines are 95% intervals of a bootstrap over ${drawnFrom} (${count(replicates)} replicates).${drawn.length < scored.length ? ` The figure shows the ${drawn.length} classes with the lowest F1 of all ${count(classCount)}.` : ''}`,
          numbers: {
            head: ['class', 'F1', '95% interval', 'images'],
            rows: drawn.map(({ label, f1, support }) => [label, percent(f1.value), bounds(f1), count(support)]),
          },
        },
      )
}
<div>
<h3>Precision and recall by class</h3>
<p class="note">In percent, with 95% intervals. The lowest F1 comes first.${cut}${absent > 0 ? ` Without evaluated images: ${counted(absent, 'class', 'classes')}.` : ''}</p>
${table({
  caption: 'Precision, recall and F1 by class',
  head: ['class', 'images', 'precision', 'recall', 'F1', 'AUC'],
  rows: shown.map(({ label, support, precision, recall, f1, auc }) => [
    label,
    count(support),
    cellOf(precision),
    cellOf(recall),
    cellOf(f1),
    auc === undefined ? '–' : auc.toFixed(3),
  ]),
})}
</div>
</div>`,
  );
}

function cellOf(estimate: Estimate | undefined): Html | string {
  return estimate === undefined ? '–' : html`${(100 * estimate.value).toFixed(1)} <small>${bounds(estimate)}</small>`;
}

/** Which classes the model confuses. */
export function confusionSection({ report, drawing }: SectionContext): Html | undefined {
  const { confusion, classCount } = report;
  return (
    confusion &&
    section('confusion', 'Confusions', html`<div class="pair">${matrix(confusion, classCount, drawing)}${pairs(confusion)}</div>`)
  );
}

function matrix(confusion: NonNullable<ModelReport['confusion']>, classCount: number, drawing: Drawing): Html | undefined {
  const { labels, counts } = confusion;
  if (labels.length === 0) return undefined;
  const cut =
    labels.length < classCount
      ? ` Of ${count(classCount)} classes, the matrix has the ${labels.length} with the most confusions.`
      : '';
  return figure(plotConfusion(drawing, confusion), {
    id: 'matrix',
    title: 'Confusion matrix',
    description: `Each row has the images of a class, each column those of a prediction; the diagonal is right. The depth of a colour is the share of the class's images.${cut}`,
    legend: ['right', 'wrong'],
    numbers: {
      head: ['true class', ...labels.map((label) => `predicted ${label}`)],
      rows: counts.map((row, of) => [labels[of] ?? '', ...row]),
    },
  });
}

function pairs({ pairs: all, pairCount }: NonNullable<ModelReport['confusion']>): Html {
  if (all.length === 0)
    return html`<div><h3>Most frequent confusions</h3><p>Every evaluated image is predicted correctly.</p></div>`;
  const shown = all.slice(0, 12);
  return html`<div>
<h3>Most frequent confusions</h3>
${pairCount > shown.length ? html`<p class="note">The ${shown.length} most frequent of ${count(pairCount)} pairs of classes.</p>` : undefined}
${table({
  caption: 'Most frequent confusions',
  head: ['true class', 'predicted', 'images'],
  words: 2,
  rows: shown.map(({ label, predicted, count: images }) => [label, predicted, count(images)]),
})}
</div>`;
}

/** The metrics of the whole model, as a table for the top of the page. */
export function headlines({ task, metrics, evaluated }: ModelReport): readonly (readonly [value: string, name: string])[] {
  const { accuracy, balancedAccuracy, macroF1, microF1, meanAveragePrecision, expectedCalibrationError } = metrics;
  const inGroups = evaluated.groups === undefined ? '' : ` in ${counted(evaluated.groups, 'group')}`;
  const images = [count(evaluated.images), `${evaluated.part === 'test' ? 'test' : 'held-out'} images${inGroups}`] as const;
  if (task === 'one-class') return [[withInterval(accuracy), 'images that it knows'], images];
  return [
    ...(meanAveragePrecision === undefined ? [] : [[percent(meanAveragePrecision), 'mean average precision'] as const]),
    [withInterval(accuracy), task === 'multi-label' ? 'images with all labels right' : 'accuracy'],
    ...(balancedAccuracy === undefined ? [] : [[withInterval(balancedAccuracy), 'balanced accuracy'] as const]),
    ...(macroF1 === undefined ? [] : [[withInterval(macroF1), 'macro F1'] as const]),
    ...(microF1 === undefined ? [] : [[withInterval(microF1), 'micro F1'] as const]),
    [percent(expectedCalibrationError), 'expected calibration error'],
    images,
  ];
}
