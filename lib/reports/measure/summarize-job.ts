import type { ModelReport } from '../../contracts/model-report.ts';
import { count, counted, percent } from '../../format.ts';
import type { ReportInput } from './report-input.ts';

/** Describes a job and its result in one sentence. */
export function summarizeJob(
  { version, card, scored: { facts } }: ReportInput,
  { evaluated, metrics }: Pick<ModelReport, 'evaluated' | 'metrics'>,
): string {
  const { model, task, labels, spec, backbone, strategy } = card;
  const { train, validation, test } = facts.images;
  const kind = {
    'single-label': `a model of ${count(labels.length)} classes`,
    'multi-label': `a multi-label model of ${count(labels.length)} labels`,
    'one-class': `a one-class model of ${JSON.stringify(labels[0])}`,
  }[task];
  const score =
    task === 'one-class'
      ? `knows ${percent(metrics.accuracy.value)}`
      : task === 'multi-label' && metrics.meanAveragePrecision !== undefined
        ? `reaches a mean average precision of ${percent(metrics.meanAveragePrecision)}`
        : `is right on ${percent(metrics.accuracy.value)}`;
  // Only the mean average precision is that of all images, where the scores are those of a sample.
  const images = task === 'multi-label' && metrics.meanAveragePrecision !== undefined ? evaluated.of : evaluated.images;
  const on =
    evaluated.part === 'test'
      ? counted(images, 'test image')
      : `${counted(images, 'image')} that its networks were not trained on, because the data set has no test images`;
  const preposition = task === 'multi-label' ? 'on' : 'of';
  return (
    `${model}@${version}, ${kind} on ${backbone.name} with the strategy ${strategy.name}, was made from ` +
    `${counted(train + validation + test, 'image')} of ${spec.dataset.split('@')[0]} (${count(train)} training, ${count(validation)} validation, ${count(test)} test) and ${score} ${preposition} ${on}.`
  );
}
