import type { DatasetReport, RefusedFile } from '../../contracts/dataset.ts';
import { byPath } from '../tables/order.ts';

/** Adds all files that were not sent to the refused ones of an import's report, which lists only the first of them. */
export function withUnsent(report: DatasetReport, unsent: readonly RefusedFile[]): DatasetReport {
  const known = new Set(unsent.map(({ path }) => path));
  return { ...report, refused: [...unsent, ...report.refused.filter(({ path }) => !known.has(path))].sort(byPath) };
}
