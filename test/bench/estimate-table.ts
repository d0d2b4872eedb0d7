/** Estimates and measured times of jobs, as a table and a sentence. */
import { z } from 'zod';

/** Results of one job; times in seconds. */
export const EstimateRow = z.object({
  /** Number of the job, from 1. */
  job: z.int(),
  name: z.string(),
  runtime: z.enum(['native', 'wasm']),
  /** The strategy that the job used. */
  used: z.string(),
  low: z.number(),
  expected: z.number(),
  upper: z.number(),
  taken: z.number(),
});
export type EstimateRow = z.infer<typeof EstimateRow>;

/** Counts the jobs within the upper end of their estimate, and those between half and twice the expected time. */
export function summarizeEstimates(rows: readonly EstimateRow[]) {
  const near = ({ expected, taken }: EstimateRow): boolean => taken <= 2 * expected && expected <= 2 * taken;
  return { jobs: rows.length, within: rows.filter(({ upper, taken }) => taken <= upper).length, near: rows.filter(near).length };
}

/** Formats the results with one line per job. */
export function estimateTable(rows: readonly EstimateRow[]): string {
  const head = ['job', 'runtime', 'strategy', 'low', 'expected', 'upper', 'taken', 'taken / expected', 'within'];
  const lines = rows
    .toSorted((a, b) => a.job - b.job)
    .map(({ job, name, runtime, used, low, expected, upper, taken }) => [
      `${job}. ${name}`,
      runtime,
      used,
      ...[low, expected, upper, taken].map((seconds) => `${seconds.toFixed(0)} s`),
      (taken / expected).toFixed(2),
      taken <= upper ? 'yes' : 'no',
    ]);
  const { jobs, within, near } = summarizeEstimates(rows);
  const table = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  return (
    `${table}\n\n${within} of ${jobs} jobs took no longer than the upper end; ${near} took between half and twice what was ` +
    'expected.'
  );
}
