import type { ModelReport } from '../../contracts/model-report.ts';
import { ReportPart } from '../../contracts/report-parts.ts';
import { type Html, html } from '../html.ts';
import { section } from './figure.ts';

const names: Readonly<Record<ReportPart, string>> = {
  candidates: 'Candidates of the strategy',
  trials: 'Trials of a search',
  history: 'Learning curves',
  confusion: 'Confusion matrix',
  roc: 'ROC curves',
  precisionRecall: 'Precision-recall curves',
  calibration: 'Calibration',
  coverage: 'Accuracy if the model abstains',
  thresholds: 'Thresholds',
  errors: 'Worst errors',
  leastSure: 'Least certain predictions',
  suspects: 'Labels that may be wrong',
  data: 'Data',
  sizes: 'Would more images help?',
  comparison: 'Comparison with the alias prod',
};

/** The parts that this report does not have, each with the reason. */
export function omittedSection({ omitted, evidenceOmitted }: ModelReport): Html | undefined {
  const parts = [
    ...ReportPart.options.flatMap((part) => (omitted[part] === undefined ? [] : [{ name: names[part], why: omitted[part] }])),
    ...(evidenceOmitted === undefined ? [] : [{ name: 'Heat maps', why: evidenceOmitted }]),
  ];
  if (parts.length === 0) return undefined;
  return section(
    'omitted',
    'Left out',
    html`<dl class="omitted">${parts.map(({ name, why }) => html`<div><dt>${name}</dt><dd>${why}</dd></div>`)}</dl>`,
  );
}
