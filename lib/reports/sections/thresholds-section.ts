import { count, percent } from '../../format.ts';
import { type Html, html } from '../html.ts';
import { plotCurves } from '../plots/plot-curves.ts';
import { figure, section, table } from './figure.ts';
import type { SectionContext } from './section-context.ts';

/** Labels with a figure of their own. */
const MOST_DRAWN = 6;
const SMALL = { width: 300, height: 220 };

/** What other thresholds of a multi-label model would give. */
export function thresholdsSection({ report: { thresholds, classCount }, drawing }: SectionContext): Html | undefined {
  if (thresholds === undefined) return undefined;
  const cell = (choice: { threshold: number; precision: number; recall: number } | undefined, other: 'precision' | 'recall') =>
    choice === undefined ? '–' : `${choice.threshold.toFixed(3)}: ${other} ${percent(choice[other])}`;
  const figures = thresholds.slice(0, MOST_DRAWN).map((one, index) =>
    figure(
      plotCurves(
        drawing,
        [
          { points: one.precisionPoints, series: 0 },
          { points: one.recallPoints, series: 1 },
        ],
        { x: 'threshold (%)', y: '', size: SMALL, rule: one.chosen },
      ),
      {
        id: `threshold-${index}`,
        title: one.label,
        description: `Precision and recall by threshold; the dashed line is the threshold of the model, ${one.chosen.toFixed(3)}.`,
        legend: ['precision', 'recall'],
        numbers: {
          head: ['threshold', 'precision', 'recall'],
          rows: [
            ...(one.precision === undefined || one.recall === undefined
              ? []
              : [[one.chosen.toFixed(3), percent(one.precision), percent(one.recall)]]),
            ...[one.precise, one.sensitive].flatMap((choice) =>
              choice ? [[choice.threshold.toFixed(3), percent(choice.precision), percent(choice.recall)]] : [],
            ),
          ],
        },
      },
    ),
  );
  const cut =
    thresholds.length < classCount
      ? ` The table has ${thresholds.length} of ${count(classCount)} labels, those with the lowest F1.`
      : '';
  return section(
    'thresholds',
    'Thresholds',
    html`<p>A label is predicted (<code>given</code>) if its probability reaches its threshold, which is in the card. Where errors of one kind cost more than those of the other, compare the probability of the label in the prediction with another threshold from the table.</p>`,
    html`<p>For a precision, <code>graft predict --precision 0.9</code> takes a threshold for each label from the card (<code>abstention</code>). They were chosen on held-out images, not on the evaluated ones. <code>--threshold</code> is one number for all labels: it leaves out less probable labels, and does not change which ones are given.</p>`,
    html`<div class="small">${figures}</div>`,
    html`<p class="note">The lowest threshold with a precision of 90%, and the highest with a recall of 90%, on the evaluated images. A precision needs enough predictions to exclude one below 80% with a confidence of 95%, such as 11 right ones.${cut}</p>`,
    table({
      caption: 'Thresholds by label',
      head: ['label', 'images', 'threshold of the model', 'precision', 'recall', 'for 90% precision', 'for 90% recall'],
      rows: thresholds.map((one) => [
        one.label,
        count(one.support),
        one.chosen.toFixed(3),
        one.precision === undefined ? '–' : percent(one.precision),
        one.recall === undefined ? '–' : percent(one.recall),
        cell(one.precise, 'recall'),
        cell(one.sensitive, 'precision'),
      ]),
    }),
  );
}
