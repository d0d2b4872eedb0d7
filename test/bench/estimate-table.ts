/** Estimates beside what jobs took, as a table and in a sentence. */
import { z } from 'zod';

/** One job, in seconds. */
export const EstimateRow = z.object({
  /** Its number, from 1. */
  job: z.int(),
  name: z.string(),
  runtime: z.enum(['native', 'wasm']),
  /** The strategy that the job came to. */
  used: z.string(),
  low: z.number(),
  expected: z.number(),
  upper: z.number(),
  taken: z.number(),
});
export type EstimateRow = z.infer<typeof EstimateRow>;

/** How many jobs took no longer than the upper end, and how many took between half and twice what was expected. */
export function summarizeEstimates(rows: readonly EstimateRow[]) {
  const near = ({ expected, taken }: EstimateRow): boolean => taken <= 2 * expected && expected <= 2 * taken;
  return { jobs: rows.length, within: rows.filter(({ upper, taken }) => taken <= upper).length, near: rows.filter(near).length };
}

/** A line a job. */
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
