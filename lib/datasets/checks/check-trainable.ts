import type { DatasetReport } from '../../contracts/dataset.ts';
import { DataError } from '../../errors.ts';
import { few } from '../../format.ts';

/** The report of a version as its training sees it: without the images that have no label. */
export function labelledPart({ unlabelled = 0, ...report }: DatasetReport): DatasetReport {
  return { ...report, accepted: report.accepted - unlabelled };
}

/** Classes that an error lists: more than a few examples, because each of them has to change. */
const LISTED = 20;

/** Whether all images have the same label, so that a job makes a detector of other images (task `one-class`). */
export function isOneClass({ classes, task }: Pick<DatasetReport, 'classes' | 'task'>): boolean {
  return classes.length === 1 && task === 'single-label';
}

/**
 * Checks that a data set is large enough to train on. An upload only warns about this, because more images may follow.
 * @throws DataError LABELS_TOO_FEW, ONE_CLASS_ONLY, CLASS_WITH_ONE_IMAGE, SPLIT_WITHOUT_TRAIN
 */
export function checkTrainable({
  dataset,
  classes,
  accepted,
  unlabelled = 0,
  split,
  task,
}: Pick<DatasetReport, 'dataset' | 'classes' | 'accepted' | 'unlabelled' | 'split' | 'task'>): void {
  const fewestFirst = classes.toSorted((a, b) => a.images - b.images);
  if (unlabelled > 0 && (classes.length < 2 || classes.some(({ images }) => images < 2))) {
    const labels = fewestFirst.map(({ label, images }) => `${images} ${JSON.stringify(label)}`);
    throw new DataError('LABELS_TOO_FEW', {
      at: dataset,
      expected: 'at least two classes, and at least two labelled images of each class',
      received: `${accepted - unlabelled} of ${accepted} images labelled: ${few(labels, LISTED) || 'no class'}`,
      fix: 'label more images: open the data set on the page of graft dev, or send POST /v1/datasets/NAME/labels',
    });
  }
  if (classes.length < 2 && !isOneClass({ classes, task })) {
    throw new DataError('ONE_CLASS_ONLY', {
      at: dataset,
      expected: 'at least two labels, if some images have none',
      received: `only ${classes.map(({ label }) => JSON.stringify(label)).join()}`,
      fix: 'upload images with other labels, too, or for a detector only those with this label',
    });
  }
  const single = classes.filter(({ images }) => images < 2).map(({ label }) => JSON.stringify(label));
  if (single.length > 0) {
    throw new DataError('CLASS_WITH_ONE_IMAGE', {
      at: dataset,
      expected: 'at least two images in each class, one to train on and one to evaluate on',
      received: `one image in ${few(single, LISTED)}`,
      fix: 'add images to these classes, or leave the classes out',
    });
  }
  const { train = 0, validation = 0, test = 0 } = split ?? {};
  if (train === 0 && validation + test === accepted - unlabelled) {
    throw new DataError('SPLIT_WITHOUT_TRAIN', {
      at: dataset,
      expected: 'images to train on',
      received: `${validation} of validation and ${test} of test, as given`,
      fix: 'assign some images to train, or leave the split empty in the manifest: then Graft assigns the images',
    });
  }
}
