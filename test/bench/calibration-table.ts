/** The effect of calibration and thresholds on each data set, as a table. */

import { z } from 'zod';
import { mean, sampleDeviation } from '../../lib/arithmetic.ts';

const Quality = z.object({
  negativeLogLikelihood: z.number(),
  expectedCalibrationError: z.number(),
  microF1: z.number(),
  macroF1: z.number(),
});

/** Results of one split of a data set on its test images. */
export const CalibrationRow = z.object({
  set: z.string(),
  head: z.string(),
  seed: z.int(),
  task: z.enum(['single-label', 'multi-label']),
  method: z.string(),
  /** Number of images used for calibration. */
  images: z.int(),
  before: Quality,
  after: Quality,
  /** Single-label only: predictions that reach the threshold of a target precision. Absent if no threshold reaches it. */
  abstaining: z.object({ precision: z.number(), coverage: z.number() }).optional(),
  /** Multi-label only: calibrated, with tuned thresholds. */
  tuned: Quality.optional(),
});
export type CalibrationRow = z.infer<typeof CalibrationRow>;

type Measure = keyof z.infer<typeof Quality>;

/** Computes means over the splits of each data set and head, and standard errors of the differences. */
export function summarizeCalibration(rows: readonly CalibrationRow[]) {
  return [...Map.groupBy(rows, ({ set, head }) => `${set}, ${head}`)].map(([name, its]) => {
    const tuned = its.flatMap((row) => (row.tuned === undefined ? [] : [{ before: row.before, after: row.tuned }]));
    const abstaining = its.flatMap((row) => row.abstaining ?? []);
    return {
      name,
      splits: its.length,
      methods: [...new Set(its.map(({ method }) => method))],
      negativeLogLikelihood: change(its, 'negativeLogLikelihood'),
      expectedCalibrationError: change(its, 'expectedCalibrationError'),
      ...(abstaining.length > 0 && {
        abstaining: {
          splits: abstaining.length,
          precision: mean(abstaining.map(({ precision }) => precision)),
          coverage: mean(abstaining.map(({ coverage }) => coverage)),
        },
      }),
      ...(tuned.length > 0 && { microF1: change(tuned, 'microF1'), macroF1: change(tuned, 'macroF1') }),
    };
  });
}

type Change = ReturnType<typeof change>;

function change(rows: readonly Pick<CalibrationRow, 'before' | 'after'>[], measure: Measure) {
  const differences = rows.map(({ before, after }) => after[measure] - before[measure]);
  return {
    before: mean(rows.map(({ before }) => before[measure])),
    after: mean(rows.map(({ after }) => after[measure])),
    standardError: sampleDeviation(differences) / Math.sqrt(differences.length),
  };
}

/** Formats the results as a Markdown table. */
export function calibrationTable(rows: readonly CalibrationRow[]): string {
  const head = [
    'set, head',
    'splits',
    'NLL before, after',
    'ECE before, after',
    'precision, coverage of abstaining models (splits)',
    'micro F1 at 0.5, tuned',
    'macro F1 at 0.5, tuned',
    'methods',
  ];
  const lines = summarizeCalibration(rows).map((of) => [
    of.name,
    `${of.splits}`,
    cell(of.negativeLogLikelihood),
    cell(of.expectedCalibrationError),
    of.abstaining === undefined
      ? ''
      : `${of.abstaining.precision.toFixed(3)}, ${of.abstaining.coverage.toFixed(3)} (${of.abstaining.splits})`,
    cell(of.microF1),
    cell(of.macroF1),
    of.methods.join(', '),
  ]);
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cell(of: Change | undefined): string {
  return of === undefined ? '' : `${of.before.toFixed(3)}, ${of.after.toFixed(3)} (${of.standardError.toFixed(3)})`;
}
