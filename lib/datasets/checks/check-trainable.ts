import type { DatasetReport } from '../../contracts/dataset.ts';
import { DataError } from '../../errors.ts';

/**
 * Checks that a data set is large enough to train on. An upload only warns about this, because more images may follow.
 * @throws DataError ONE_CLASS_ONLY, CLASS_WITH_ONE_IMAGE, SPLIT_WITHOUT_TRAIN
 */
export function checkTrainable({
  dataset,
  classes,
  accepted,
  split,
}: Pick<DatasetReport, 'dataset' | 'classes' | 'accepted' | 'split'>): void {
  if (classes.length < 2) {
    throw new DataError('ONE_CLASS_ONLY', {
      at: dataset,
      expected: 'at least two classes',
      received: `only ${classes.map(({ label }) => JSON.stringify(label)).join()}`,
      fix: 'upload a folder that holds one folder of images for each class',
    });
  }
  const single = classes.filter(({ images }) => images < 2).map(({ label }) => JSON.stringify(label));
  if (single.length > 0) {
    throw new DataError('CLASS_WITH_ONE_IMAGE', {
      at: dataset,
      expected: 'at least two images in each class, one to train on and one to evaluate on',
      received: `one image in ${single.join(', ')}`,
      fix: 'add images to these classes, or leave the classes out',
    });
  }
  const { train = 0, validation = 0, test = 0 } = split ?? {};
  if (train === 0 && validation + test === accepted) {
    throw new DataError('SPLIT_WITHOUT_TRAIN', {
      at: dataset,
      expected: 'images to train on',
      received: `${validation} of validation and ${test} of test, as given`,
      fix: 'assign some images to train, or leave the split empty in the manifest: then Graft assigns the images',
    });
  }
}
