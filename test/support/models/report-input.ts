import type { ReportInput } from '../../../lib/reports/measure/report-input.ts';
import type { LabelledLogits } from '../../../lib/training/metrics/labelled-logits.ts';
import { cardFor, epochs, factsFor } from './scored-model.ts';

/** What a report of these scores is made of. */
export function reportInputFor(scores: LabelledLogits, more: Partial<ReportInput> = {}): ReportInput {
  const labels = Array.from({ length: scores.classes }, (_, of) => `class ${of}`);
  const rows = Array.from({ length: scores.count }, (_, row) => row);
  return {
    version: 1,
    card: cardFor(scores, labels),
    history: epochs(6),
    seconds: { features: 3, train: 2, evaluate: 0.5, total: 7 },
    waits: { decode: 0.25, trunk: 2.5, write: 0.125 },
    scored: { facts: factsFor(scores), scores, rows },
    images: new Map(rows.map((row) => [row, { path: `${row}.png`, sha256: `${row}`.padStart(64, '0') }])),
    dataset: undefined,
    suspects: undefined,
    other: undefined,
    otherOmitted: 'The model has no alias prod.',
    ...more,
  };
}
