import type { ModelReport } from '../../contracts/model-report.ts';
import type { ReportInput } from './report-input.ts';

/** The most classes of the summary: those with the most images. */
const MOST_CLASSES = 60;
const MOST_SUSPECTS = 12;

/** The images of each split and class, and the counts of the import. */
export function measureData({ card: { labels }, scored: { facts }, dataset }: ReportInput): NonNullable<ModelReport['data']> {
  const { splits, images, leakingGroups } = facts;
  const classes = labels.map((label, of) => ({
    label,
    train: splits.train[of] ?? 0,
    validation: splits.validation[of] ?? 0,
    test: splits.test[of] ?? 0,
  }));
  const sizeOf = ({ train, validation, test }: { train: number; validation: number; test: number }) => train + validation + test;
  return {
    images: sizeOf(images),
    splits: images,
    classes: classes.sort((a, b) => sizeOf(b) - sizeOf(a)).slice(0, MOST_CLASSES),
    leakingGroups,
    ...(dataset && {
      duplicateGroups: dataset.duplicates.length,
      duplicatesAcrossClasses: dataset.duplicates.filter(({ kind }) => kind.endsWith('across-classes')).length,
      refused: dataset.refused.length,
    }),
  };
}

/** The most suspect labels that a training found by comparing features. */
export function measureSuspects({ suspects }: ReportInput): ModelReport['suspects'] {
  if (suspects === undefined || suspects.found === 0) return undefined;
  return {
    checked: suspects.checked,
    found: suspects.found,
    suspects: suspects.suspects.slice(0, MOST_SUSPECTS).map(({ neighbours: _, ...suspect }) => suspect),
  };
}
