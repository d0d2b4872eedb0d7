import { z } from 'zod';
import { DatasetReport, Suspect } from '../../lib/contracts/dataset.ts';
import { counted } from '../../lib/format.ts';

/** Entries of long lists; each list has its total beside it. */
const MOST_CLASSES = 100;
const MOST_ENTRIES = 20;
/** Files of one set of duplicates. */
const MOST_PATHS = 5;

/** The report of an import, of bounded size. */
export const DatasetView = z.strictObject({
  ...DatasetReport.pick({
    dataset: true,
    digest: true,
    task: true,
    classes: true,
    accepted: true,
    refused: true,
    duplicates: true,
    sizes: true,
    split: true,
    warnings: true,
  }).shape,
  classCount: z.int(),
  refusedCount: z.int(),
  duplicateCount: z.int(),
  /** Images whose labels may be wrong. Present after the first training. */
  suspects: z.array(Suspect.omit({ neighbours: true })).optional(),
  suspectCount: z.int().optional(),
});
export type DatasetView = z.infer<typeof DatasetView>;

export function viewDataset({ counts, suspects, classes, refused, duplicates, ...report }: DatasetReport): DatasetView {
  return {
    ...report,
    classes: classes.slice(0, MOST_CLASSES),
    classCount: counts?.classes ?? classes.length,
    refused: refused.slice(0, MOST_ENTRIES),
    refusedCount: counts?.refused ?? refused.length,
    duplicates: duplicates.slice(0, MOST_ENTRIES).map(({ paths, kind }) => ({ paths: paths.slice(0, MOST_PATHS), kind })),
    duplicateCount: counts?.duplicates ?? duplicates.length,
    warnings: report.warnings.slice(0, MOST_ENTRIES),
    ...(suspects && {
      suspects: suspects.suspects.slice(0, MOST_ENTRIES).map(({ neighbours: _, ...suspect }) => suspect),
      suspectCount: suspects.found,
    }),
  };
}

/** The report in a few lines. */
export function describeDataset(view: DatasetView): string {
  const { dataset, digest, accepted, classes, classCount, refused, refusedCount, duplicateCount, warnings, suspectCount } = view;
  const more = classCount > classes.length ? `, and ${classCount - classes.length} more` : '';
  return [
    `${dataset}@${digest}: ${counted(accepted, 'image')} in ${counted(classCount, 'class', 'classes')}.`,
    `Images of each class: ${classes.map(({ label, images }) => `${label} ${images}`).join(', ')}${more}.`,
    ...(refusedCount > 0 ? [`Refused files: ${refusedCount}.`] : []),
    ...refused.slice(0, 5).map(({ path, message }) => `  ${path}: ${message}`),
    ...(duplicateCount > 0 ? [`Sets of duplicates: ${duplicateCount}.`] : []),
    ...(suspectCount ? [`Labels that may be wrong: ${suspectCount}.`] : []),
    ...warnings.map(({ message }) => `Warning: ${message}`),
  ].join('\n');
}
