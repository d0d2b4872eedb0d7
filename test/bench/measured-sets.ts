/** A data set of the tables. */
interface MeasuredSet {
  /** Number of splits of a value that has no number of its own: more where a split has few test images. */
  readonly splits: number;
  /** Options besides the compared one. All other options have Graft's defaults. */
  readonly flags?: readonly string[];
}

/** Folders of GRAFT_DATA. */
export const measuredSets: Readonly<Record<string, MeasuredSet>> = {
  'ants-bees': { splits: 10 },
  'brain-mri': { splits: 10 },
  trash: { splits: 5 },
  'steel-defects': { splits: 5 },
  'sign-digits': { splits: 3 },
  cifar10: { splits: 2, flags: ['--input-size', '128'] },
  'scenes-multilabel': { splits: 3 },
};
