import { type DatasetReport, duplicatePaths } from '../../contracts/dataset.ts';
import { firstThatFit } from '../../contracts/fit-response.ts';

/** The most entries of each list, and their bytes: a report is part of responses with at most 6 MB. */
const MOST = 1_000;
const BYTES = { classes: 1_000_000, refused: 700_000, duplicates: 500_000, warnings: 300_000, suspects: 700_000 };
/** Per set of duplicates. */
const PATHS = 20;

/**
 * Truncates the lists of a report. @returns the report with the first entries of each list, and `counts` of all entries
 */
export function cutReport(report: DatasetReport): DatasetReport {
  const { classes, refused, duplicates, warnings, suspects } = report;
  const shown = duplicates.slice(0, MOST).map((set) => ({ ...set, paths: set.paths.slice(0, PATHS) }));
  return {
    ...report,
    classes: firstThatFit(classes, { bytes: BYTES.classes }),
    refused: firstThatFit(refused, { bytes: BYTES.refused, most: MOST }),
    duplicates: firstThatFit(shown, { bytes: BYTES.duplicates }),
    warnings: firstThatFit(warnings, { bytes: BYTES.warnings, most: MOST }),
    ...(suspects && {
      suspects: { ...suspects, suspects: firstThatFit(suspects.suspects, { bytes: BYTES.suspects, most: MOST }) },
    }),
    counts: report.counts ?? {
      classes: classes.length,
      refused: refused.length,
      duplicates: duplicates.length,
      duplicatePaths: duplicatePaths(duplicates),
    },
  };
}
