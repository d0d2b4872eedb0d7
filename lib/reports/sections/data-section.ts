import { count, counted, percent } from '../../format.ts';
import { type Html, html } from '../html.ts';
import { plotData } from '../plots/plot-data.ts';
import { plotSizes } from '../plots/plot-sizes.ts';
import { figure, section } from './figure.ts';
import type { SectionContext } from './section-context.ts';

const MOST_DRAWN = 24;

/** The data set, and whether more images would help. */
export function dataSection({ report, drawing }: SectionContext): Html | undefined {
  const { data, sizes, classCount } = report;
  if (data === undefined) return undefined;
  const { splits, classes } = data;
  const drawn = classes.slice(0, MOST_DRAWN);
  const cut =
    drawn.length < classCount
      ? ` The figure shows the ${drawn.length} classes with the most images of all ${count(classCount)}.`
      : '';
  return section(
    'data',
    'Data',
    html`<p>${facts(report)}</p>`,
    html`<div class="pair">
${figure(plotData(drawing, drawn), {
  id: 'splits',
  title: 'Images by class and split',
  description: `${count(splits.train)} training, ${count(splits.validation)} validation and ${count(splits.test)} test images.${cut}`,
  legend: ['training', 'validation', 'test'],
  numbers: {
    head: ['class', 'training', 'validation', 'test'],
    rows: classes.map(({ label, train, validation, test }) => [label, count(train), count(validation), count(test)]),
  },
})}
${
  sizes &&
  figure(plotSizes(drawing, sizes), {
    id: 'sizes',
    title: 'Would more images help?',
    description: `${sizes.conclusion} Each point is a linear head in closed form on a random part of the training images, evaluated on ${counted(sizes.evaluated, 'image')}; vertical lines span several such parts. It shows the growth, not the score of this model.`,
    numbers: {
      head: ['training images', sizes.metric, 'lowest', 'highest', 'heads'],
      rows: sizes.points.map(({ images, score, low, high, heads }) => [
        count(images),
        percent(score),
        percent(low),
        percent(high),
        heads,
      ]),
    },
  })
}
</div>`,
  );
}

function facts({ data, dataset, datasetDigest }: SectionContext['report']): Html | undefined {
  if (data === undefined) return undefined;
  const { images, leakingGroups, duplicateGroups, duplicatesAcrossClasses, refused } = data;
  const sentences = [
    ...(duplicateGroups === undefined
      ? ['The report of the import is not in the store any more.']
      : [
          duplicateGroups === 0
            ? 'The import found no duplicates.'
            : `The import found ${counted(duplicateGroups, 'set')} of duplicates, ${count(duplicatesAcrossClasses ?? 0)} of them across classes.`,
        ]),
    ...(refused === undefined || refused === 0 ? [] : [`It refused ${counted(refused, 'file')}.`]),
    leakingGroups === 0
      ? 'No related images are in different splits.'
      : `${counted(leakingGroups, 'set')} of related images ${leakingGroups === 1 ? 'is' : 'are'} in different splits, so the evaluation may be optimistic.`,
  ];
  return html`<b>${dataset}</b> has ${counted(images, 'image')}. ${sentences.join(' ')} <span class="path">${datasetDigest}</span>`;
}
