import type { DatasetReport, RefusedFile, Warning } from '../../contracts/dataset.ts';
import { findDuplicates } from '../duplicates/find-duplicates.ts';
import type { Rows } from '../tables/rows.ts';
import { findWarnings } from './find-warnings.ts';
import { countAssigned, countClasses, countUnlabelled, measureImageSizes, taskOfRows } from './summarize-rows.ts';

/** Whether a warning is of the files of an import, and not of the rows of a version. */
export function isOfImport({ code }: Warning): boolean {
  return code.startsWith('MANIFEST_') || code === 'LABELS_FROM_REGIONS';
}

/** Reports on the rows of a version. @param warnings that are known already */
export function describeVersion(
  name: string,
  digest: string,
  rows: Rows,
  refused: readonly RefusedFile[],
  warnings: readonly Warning[],
): DatasetReport {
  const classes = countClasses(rows);
  const duplicates = findDuplicates(rows);
  const split = countAssigned(rows);
  const unlabelled = countUnlabelled(rows);
  return {
    dataset: name,
    digest,
    task: taskOfRows(rows),
    classes,
    accepted: rows.length,
    ...(unlabelled > 0 && { unlabelled }),
    refused: [...refused],
    duplicates,
    sizes: measureImageSizes(rows),
    ...(split !== undefined && { split }),
    warnings: [...warnings, ...findWarnings(rows, classes, duplicates)],
  };
}
